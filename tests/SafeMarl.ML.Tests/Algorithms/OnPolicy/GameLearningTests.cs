using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.Environments.Games;

namespace SafeMarl.ML.Tests.Algorithms.OnPolicy;

/// <summary>
/// Whole runs on games whose optimum is known: algorithms with constraints must reach the constrained one, the others the unconstrained one.
/// Constrained optima are mixtures that training hovers around, so means over the second half of a run are compared.
/// </summary>
[Category("Learning")]
public sealed class GameLearningTests
{
    private const double ReturnTolerance = 0.25, CostTolerance = 0.06;

    [Test]
    public void Mafocops_OnTheMatrixGame_ReachesTheConstrainedOptimum([Values(1, 2, 3)] int seed)
    {
        var options = Constrained(seed, totalSteps: 120_000);
        options.CostLimit = 0.4;

        AssertNear(new ConstrainedMatrixGame().Solve(0.4, 0.4), Train(ml => ml.SafeMarl().Trainers.Mafocops(options), () => new ConstrainedMatrixGame()));
    }

    [Test]
    public void Mafocops_OnTheTwoStepGame_ReachesTheConstrainedOptimum([Values(1, 2, 3)] int seed)
    {
        var options = Constrained(seed, totalSteps: 250_000);
        options.CostLimits["entry"] = 0.5;
        options.CostLimits["strain"] = 0.2;

        AssertNear(ConstrainedTwoStepGame.Solve(0.5, 0.2), Train(ml => ml.SafeMarl().Trainers.Mafocops(options), () => new ConstrainedTwoStepGame()));
    }

    [Test]
    public void Macpo_OnTheMatrixGame_ReachesTheConstrainedOptimum([Values(1, 2, 3)] int seed) =>
        AssertNear(new ConstrainedMatrixGame().Solve(0.4, 0.4), Train(ml => ml.SafeMarl().Trainers.Macpo(TrustRegion(seed, ("", 0.4))), () => new ConstrainedMatrixGame()));

    [Test]
    public void Macpo_OnTheTwoStepGame_ReachesTheConstrainedOptimum([Values(1, 2, 3)] int seed) =>
        AssertNear(ConstrainedTwoStepGame.Solve(0.5, 0.2), Train(ml => ml.SafeMarl().Trainers.Macpo(TrustRegion(seed, ("entry", 0.5), ("strain", 0.2))), () => new ConstrainedTwoStepGame()));

    [Test]
    public void MappoLagrangian_OnTheMatrixGame_ReachesTheConstrainedOptimum([Values(1, 2, 3)] int seed)
    {
        // Multipliers that react within a few rollouts, as MAFOCOPS has them below, instead of gains.
        MappoLagrangianOptions options = Priced(seed, ("", 0.4));
        (options.MultiplierLearningRate, options.ProportionalGain, options.MaxMultiplier) = (5, 0, 2);

        AssertNear(new ConstrainedMatrixGame().Solve(0.4, 0.4), Train(ml => ml.SafeMarl().Trainers.MappoLagrangian(options), () => new ConstrainedMatrixGame()));
    }

    [Test]
    public void MappoLagrangian_OnTheTwoStepGame_ReachesTheConstrainedOptimum([Values(1, 2, 3)] int seed) =>
        AssertNear(ConstrainedTwoStepGame.Solve(0.5, 0.2), Train(ml => ml.SafeMarl().Trainers.MappoLagrangian(Priced(seed, ("entry", 0.5), ("strain", 0.2))), () => new ConstrainedTwoStepGame()));

    [Test]
    public void Happo_OnTheTwoStepGame_ReachesTheUnconstrainedOptimum([Values(1, 2, 3)] int seed) => AssertNear(ConstrainedTwoStepGame.Solve(), Train(ml => ml.SafeMarl().Trainers.Happo(new HappoOptions
    {
        TotalSteps = 60_000, Seed = seed, Environments = 64, RolloutSteps = 8, Epochs = 4, HiddenSize = 32, InputNorm = false,
        ActorLearningRate = 2e-3, CriticLearningRate = 2e-3, EntropyCoefficient = 0.002, Device = "cpu",
    }), () => new ConstrainedTwoStepGame()));

    [Test]
    public void Hatrpo_OnTheTwoStepGame_ReachesTheUnconstrainedOptimum([Values(1, 2, 3)] int seed) => AssertNear(ConstrainedTwoStepGame.Solve(), Train(ml => ml.SafeMarl().Trainers.Hatrpo(new HatrpoOptions
    {
        TotalSteps = 60_000, Seed = seed, Environments = 64, RolloutSteps = 8, HiddenSize = 32, InputNorm = false, CriticLearningRate = 2e-3, KlThreshold = 0.02, Device = "cpu",
    }), () => new ConstrainedTwoStepGame()));

    [Test]
    public void Ippo_OnTheMatrixGame_ReachesTheUnconstrainedOptimum([Values(1, 2, 3)] int seed) => AssertNear(new ConstrainedMatrixGame().Solve(), Train(ml => ml.SafeMarl().Trainers.Ippo(new IppoOptions
    {
        TotalSteps = 60_000, Seed = seed, Environments = 64, RolloutSteps = 8, Epochs = 4, HiddenSize = 32, InputNorm = false,
        ActorLearningRate = 2e-3, CriticLearningRate = 2e-3, EntropyCoefficient = 0.002, Device = "cpu",
    }), () => new ConstrainedMatrixGame()));

    [Test]
    public void Mappo_OnTheMatrixGame_ReachesTheUnconstrainedOptimum([Values(1, 2, 3)] int seed) =>
        AssertNear(new ConstrainedMatrixGame().Solve(), Train(ml => ml.SafeMarl().Trainers.Mappo(Unconstrained(seed)), () => new ConstrainedMatrixGame()));

    [Test]
    public void Mappo_OnTheTwoStepGame_ReachesTheUnconstrainedOptimum([Values(1, 2, 3)] int seed) =>
        AssertNear(ConstrainedTwoStepGame.Solve(), Train(ml => ml.SafeMarl().Trainers.Mappo(Unconstrained(seed)), () => new ConstrainedTwoStepGame()));

    private static MacpoOptions TrustRegion(int seed, params (string Channel, double Limit)[] limits)
    {
        var options = new MacpoOptions
        {
            TotalSteps = 120_000, Seed = seed, Environments = 64, RolloutSteps = 16, HiddenSize = 32, InputNorm = false, KlThreshold = 0.01, CriticMinibatches = 4,
            CriticLearningRate = 2e-3, Device = "cpu",
        };
        Limit(options, limits, limit => options.CostLimit = limit);
        return options;
    }

    private static MappoLagrangianOptions Priced(int seed, params (string Channel, double Limit)[] limits)
    {
        var options = new MappoLagrangianOptions
        {
            TotalSteps = 250_000, Seed = seed, Environments = 64, RolloutSteps = 16, Minibatches = 4, Epochs = 4, HiddenSize = 32, InputNorm = false, ActorLearningRate = 5e-4,
            CriticLearningRate = 2e-3, EntropyCoefficient = 0, InitialMultiplier = 0, MultiplierLearningRate = 0.2, ProportionalGain = 3, Device = "cpu",
        };
        Limit(options, limits, limit => options.CostLimit = limit);
        return options;
    }

    private static void Limit(IConstrainedOptions options, (string Channel, double Limit)[] limits, Action<double> all)
    {
        foreach ((string channel, double limit) in limits)
        {
            if (channel.Length == 0)
                all(limit);
            else
                options.CostLimits[channel] = limit;
        }
    }

    // Multipliers react within a few rollouts, far faster than policies move: that damps the oscillation of the two around the limit.
    private static MafocopsOptions Constrained(int seed, long totalSteps) => new()
    {
        TotalSteps = totalSteps, Seed = seed, Environments = 64, RolloutSteps = 16, MinibatchSize = 256, Epochs = 4, HiddenSize = 32, InputNorm = false,
        ActorLearningRate = 5e-4, MultiplierLearningRate = 5, MaxMultiplier = 2, Delta = 0.05, Lambda = 1.5, Device = "cpu",
    };

    private static MappoOptions Unconstrained(int seed) => new()
    {
        TotalSteps = 60_000, Seed = seed, Environments = 64, RolloutSteps = 8, Epochs = 4, HiddenSize = 32, InputNorm = false, ShareParameters = false,
        ActorLearningRate = 2e-3, CriticLearningRate = 2e-3, EntropyCoefficient = 0.002, Device = "cpu",
    };

    private static List<TrainingProgress> Train(Func<MLContext, SafeMarlTrainer> create, Func<IMultiAgentEnvironment> game)
    {
        var reports = new List<TrainingProgress>();
        create(new MLContext(1)).Fit(game, new TrainingRun { Sinks = [new ListSink(reports)] });
        return reports;
    }

    private static void AssertNear(ConstrainedOptimum optimum, List<TrainingProgress> reports)
    {
        TrainingProgress[] half = [.. reports.Skip(reports.Count / 2)];
        double[] costs = [.. optimum.Costs.Select((_, agent) => half.Average(r => r.Costs[agent].EpisodeCost!.Value))];

        Assert.Multiple(() =>
        {
            Assert.That(half.Average(r => r.Return!.Value), Is.EqualTo(optimum.Return).Within(ReturnTolerance), "return");
            Assert.That(costs, Is.EqualTo(optimum.Costs).Within(CostTolerance), "costs");
        });
    }

    private sealed class ListSink(List<TrainingProgress> reports) : IMetricSink
    {
        public void Emit(TrainingProgress progress) => reports.Add(progress);
    }
}
