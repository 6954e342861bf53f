using Microsoft.ML;
using SafeMarl.ML.Tests.Support;

namespace SafeMarl.ML.Tests.Algorithms.OnPolicy;

public sealed class MappoLagrangianTests : TrainerContractTests
{
    protected override int Environments => 5;

    protected override long StepsPerIteration => 5 * 9;

    protected override SafeMarlTrainer Create(MLContext mlContext, long steps, int threads, int seed) => mlContext.SafeMarl().Trainers.MappoLagrangian(new MappoLagrangianOptions
    {
        TotalSteps = steps, Seed = seed, WorkerThreads = threads, Environments = 5, RolloutSteps = 9, HiddenSize = 8, Device = "cpu", Minibatches = 2, Epochs = 2, CostLimit = 2, ProportionalGain = 0.01, DerivativeGain = 0.01,
    });

    [Test]
    public void Fit_AsPublished_MovesMultipliersWithinTheUpdate()
    {
        MappoLagrangianOptions options = MappoLagrangianOptions.Published;
        (options.TotalSteps, options.Seed, options.Environments, options.RolloutSteps, options.HiddenSize, options.Device) = (45, 1, 5, 9, 8, "cpu");
        (options.CostLimit, options.Minibatches, options.MultiplierLearningRate) = (2, 2, 0.1);
        var reports = new List<TrainingProgress>();
        new MLContext(1).SafeMarl().Trainers.MappoLagrangian(options).Fit(
            () => new ToyEnvironment(ToyEnvironment.Kind.SharedBoxes), new TrainingRun { Sinks = [new Sink(reports.Add)] });

        Assert.That(reports.SelectMany(r => r.Costs).Select(c => c.Multiplier), Is.All.Not.EqualTo(0.78).And.All.Not.Null);
    }

    [Test]
    public void Fit_WithAMultiplierAtItsBound_ReportsThatAndWarnsOnce()
    {
        var mlContext = new MLContext(1);
        var warnings = new List<string>();
        mlContext.Log += (_, e) =>
        {
            if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning && e.RawMessage.Contains("MaxMultiplier", StringComparison.Ordinal))
                warnings.Add(e.RawMessage);
        };
        var reports = new List<TrainingProgress>();
        mlContext.SafeMarl().Trainers.MappoLagrangian(new MappoLagrangianOptions
        {
            TotalSteps = 135, Seed = 1, Environments = 5, RolloutSteps = 9, HiddenSize = 8, Device = "cpu", Minibatches = 2, InputNorm = false,
            CostLimits = { ["far"] = 1e6, ["moved"] = 0 }, InitialMultiplier = 1, MaxMultiplier = 1,
        }).Fit(() => new ToyEnvironment(ToyEnvironment.Kind.MaskedChoices), new TrainingRun { Sinks = [new Sink(reports.Add)] });

        Assert.Multiple(() =>
        {
            Assert.That(reports[^1].Metrics["saturated/a/moved"], Is.EqualTo(1));
            Assert.That(reports[^1].Metrics["saturated/a/far"], Is.Zero);
            Assert.That(warnings.Where(w => w.Contains("'a/moved'", StringComparison.Ordinal)).ToArray(), Has.Length.EqualTo(1), "once in three rollouts");
        });
    }

    private sealed class Sink(Action<TrainingProgress> action) : IMetricSink
    {
        public void Emit(TrainingProgress progress) => action(progress);
    }
}
