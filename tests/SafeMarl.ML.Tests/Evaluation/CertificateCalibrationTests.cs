using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Tests.Support;

namespace SafeMarl.ML.Tests.Evaluation;

/// <summary>Calibration on a task that tells its future, so that certificates can be made exact, or wrong by a known amount.</summary>
public sealed class CertificateCalibrationTests
{
    private const double Gamma = 0.9;

    private readonly MLContext _mlContext = new(1);

    [Test]
    public void Calibrate_OfExactCertificates_FindsNoError()
    {
        CertificateCalibration calibration = Calibrate(factor: 1);
        CertificateFit safety = calibration.Fits[0], stability = calibration.Fits[1];

        Assert.Multiple(() =>
        {
            Assert.That((safety.Agent, safety.Cost, stability.Cost), Is.EqualTo(("seer", "harm", (string?)null)));
            Assert.That(safety.Steps, Is.EqualTo(40 * Foretold.Length));
            Assert.That(safety.RootMeanSquareError, Is.LessThan(1e-5));
            Assert.That(safety.Correlation, Is.EqualTo(1).Within(1e-6));
            Assert.That(safety.MeanRealized, Is.EqualTo(safety.MeanPredicted).Within(1e-6).And.LessThan(-0.1));
            Assert.That(stability.RootMeanSquareError, Is.LessThan(1e-5));
            Assert.That(safety.Bins.Sum(b => b.Steps), Is.EqualTo(safety.Steps));
            Assert.That(safety.Bins.Select(b => b.Predicted), Is.Ordered);
            Assert.That(safety.Bins.Select(b => b.Realized), Is.EqualTo(safety.Bins.Select(b => b.Predicted)).Within(1e-5));
        });
    }

    [Test]
    public void Calibrate_OfCertificatesThatExaggerate_ShowsIt()
    {
        CertificateFit exact = Calibrate(factor: 1).Fits[0], safety = Calibrate(factor: 2).Fits[0];

        Assert.That(safety.MeanPredicted, Is.EqualTo(2 * safety.MeanRealized).Within(1e-5));
        Assert.That(safety.MeanRealized, Is.EqualTo(exact.MeanRealized).Within(1e-6), "what comes does not depend on what is said");
        Assert.That(safety.RootMeanSquareError, Is.GreaterThan(0.1));
    }

    [Test]
    public void Calibrate_OfAReachabilityCertificate_ComparesItWithTheLargestCostToCome()
    {
        CertificateCalibration calibration = Calibrate(factor: 1, SafetyCertificateKind.Reachability);

        Assert.That(calibration.Fits[0].RootMeanSquareError, Is.LessThan(1e-5));
    }

    [Test]
    public void Calibrate_OnATaskWithoutDeviations_LeavesStabilityOut()
    {
        CertificateCalibration calibration = _mlContext.SafeMarl().CalibrateCertificates(
            _mlContext.SafeMarl().FromPolicy(CertifiedPolicies.ForSharedBoxes()), _mlContext.SafeMarl().LoadFromEnvironment(() => new ToyEnvironment(ToyEnvironment.Kind.SharedBoxes)),
            new CalibrationOptions { Episodes = 2 });

        Assert.That(calibration.Fits.Select(f => (f.Agent, f.Cost)), Is.EqualTo(new[] { ("left", "far"), ("right", "far") }));
    }

    [Test]
    public void Calibrate_GivesAPolicyWhoseAlarmsForeseeViolations()
    {
        CertificateCalibration calibration = Calibrate(factor: 1);
        AlarmThreshold alarm = calibration.Policy.Policy.Agents[0].Certificates!.Alarms.Single();

        Assert.Multiple(() =>
        {
            Assert.That(calibration.Fits[0].Alarm, Is.EqualTo(alarm));
            Assert.That((alarm.Cost, alarm.Rule, alarm.Episodes, alarm.LeadSteps), Is.EqualTo(("harm", AlarmRule.BoundsMisses, 40, 3)));
            Assert.That(alarm.ViolatingEpisodes, Is.InRange(10, 30));
            Assert.That(alarm.ForeseenRate, Is.EqualTo(1), "in the step before, every violation says -gamma");
            Assert.That(alarm.Threshold, Is.EqualTo(-Gamma).Within(1e-5));
            Assert.That(alarm.FalseAlarmRate, Is.Zero);
        });
    }

    [Test]
    public void Calibrate_OnAnyNumberOfThreads_GivesTheSame() => Assert.That(
        Calibrate(1, threads: 1).Fits.Select(f => (f.Steps, f.MeanPredicted, f.MeanRealized, f.Alarm)), Is.EqualTo(Calibrate(1, threads: 3).Fits.Select(f => (f.Steps, f.MeanPredicted, f.MeanRealized, f.Alarm))));

    [Test]
    public void Calibrate_OfAPolicyWithoutCertificates_SaysWhoLearnsThem() => Assert.That(
        () => _mlContext.SafeMarl().CalibrateCertificates(_mlContext.SafeMarl().FromPolicy(TestPolicies.Box(3, 2)), _mlContext.SafeMarl().LoadFromEnvironment(() => new Foretold())),
        Throws.TypeOf<SafeMarlException>().With.Message.Contains("Mas3ac"));

    [TestCase(0.0)]
    [TestCase(1.0)]
    [TestCase(double.NaN)]
    public void Calibrate_WithAnImpossibleRate_IsRefused(double rate) => Assert.That(
        () => _mlContext.SafeMarl().CalibrateCertificates(Seer(1, SafetyCertificateKind.Barrier), _mlContext.SafeMarl().LoadFromEnvironment(() => new Foretold()), new CalibrationOptions { MissRate = rate }),
        Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("MissRate"));

    private CertificateCalibration Calibrate(double factor, SafetyCertificateKind kind = SafetyCertificateKind.Barrier, int threads = 2) => _mlContext.SafeMarl().CalibrateCertificates(
        Seer(factor, kind), _mlContext.SafeMarl().LoadFromEnvironment(() => new Foretold()), new CalibrationOptions { Episodes = 40, LeadSteps = 3, WorkerThreads = threads });

    /// <summary>A policy whose certificates say what the task tells: the observation is what H, R and V should be.</summary>
    private PolicyTransformer Seer(double factor, SafetyCertificateKind kind)
    {
        ActionSpace box = ActionSpace.Box(1, -1, 1);
        bool barrier = kind == SafetyCertificateKind.Barrier;
        DenseNetwork[] networks =
        [
            new(new NetworkShape(3, 2, 4, 1, Activation.ReLU, false, false)),
            Reader(4, column: barrier ? 0 : 1, barrier ? -factor : factor),
            Reader(2, column: 0, 1), // of the own state
        ];
        var certificates = new CertificateShape(["harm"], [1], 2, LooksAtState: false, 3, 1, [CertificateAction.Of(box, 0)], 0, [2], kind, Gamma, []);
        return _mlContext.SafeMarl().FromPolicy(new Policy(networks, [new AgentNetwork("seer", box, PolicyHead.SquashedGaussian, 0, certificates)]));

        static DenseNetwork Reader(int inputs, int column, double factor)
        {
            var network = new DenseNetwork(new NetworkShape(inputs, 1, 4, 1, Activation.ReLU, false, false));
            var weights = new float[4 * inputs];
            weights[column] = 1;
            network.Set("hidden0.weight", weights);
            network.Set("output.weight", [(float)factor, 0, 0, 0]);
            return network;
        }
    }

    /// <summary>
    /// In half of its episodes harm is done at one step; there is a deviation of 1 at the beginning. It terminates after ten steps. The observation
    /// is the discounted harm to come, the largest harm to come as reachability has it, and the discounted deviation to come.
    /// </summary>
    private sealed class Foretold : IMultiAgentEnvironment
    {
        public const int Length = 10;

        private int _harmAt, _step;

        public EnvironmentSpec Spec { get; } = new("Foretold", [new AgentSpec("seer", 3, ActionSpace.Box(1, -1, 1), [new CostChannel("harm")], ownState: [2])], Length, hasDeviation: true);

        public void Reset(long seed, StepBuffer step)
        {
            var random = new RandomStream(seed);
            _harmAt = random.NextInt(2) == 0 ? 4 + random.NextInt(4) : -1;
            _step = 0;
            Observe(step);
        }

        public EpisodeStatus Step(ReadOnlySpan<float> jointAction, StepBuffer step)
        {
            InvalidActionException.ThrowIfInvalid(jointAction, Spec);
            step.Reward(0) = 0;
            step.Cost(0) = _step == _harmAt ? 1 : 0;
            step.Deviation(0) = _step == 0 ? 1 : 0;
            _step++;
            Observe(step);
            return _step < Length ? EpisodeStatus.Running : EpisodeStatus.Terminated;
        }

        public void Dispose() { }

        private void Observe(StepBuffer step)
        {
            double harm = _harmAt >= _step ? Math.Pow(Gamma, _harmAt - _step) : 0, reach = 0;
            for (int t = Length - 1; t >= _step; t--)
            {
                double violation = t == _harmAt ? 1 : 0;
                reach = (1 - Gamma) * violation + Gamma * Math.Max(violation, reach);
            }
            (step.Observation(0)[0], step.Observation(0)[1], step.Observation(0)[2]) = ((float)harm, (float)reach, _step == 0 ? 1 : 0);
        }
    }
}
