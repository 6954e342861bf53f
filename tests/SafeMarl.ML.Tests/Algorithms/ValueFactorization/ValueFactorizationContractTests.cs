using Microsoft.ML;
using SafeMarl.ML.Tests.Support;

namespace SafeMarl.ML.Tests.Algorithms.ValueFactorization;

/// <summary>What every trainer that factorises values must do beside what all trainers must.</summary>
public abstract class ValueFactorizationContractTests : TrainerContractTests
{
    protected override int Environments => 2;

    protected override long StepsPerIteration => 16;

    private protected override ToyEnvironment.Kind Suited(ToyEnvironment.Kind kind) => kind switch
    {
        ToyEnvironment.Kind.SharedBoxes => ToyEnvironment.Kind.MaskedChoices,
        ToyEnvironment.Kind.Mixed => ToyEnvironment.Kind.SharedChoices,
        _ => kind,
    };

    /// <summary>Makes options small and quick.</summary>
    protected static TOptions Small<TOptions>(TOptions options, long steps, int threads, int seed)
        where TOptions : ValueFactorizationOptions
    {
        (options.TotalSteps, options.WorkerThreads, options.Seed) = (steps, threads, seed);
        (options.Environments, options.RolloutSteps, options.BatchEpisodes, options.ReplayEpisodes, options.HiddenSize) = (2, 8, 2, 12, 8);
        (options.TargetInterval, options.ExplorationSteps) = (2, 50);
        return options;
    }

    [Test]
    public void Fit_OfAgentsWithBoxes_IsRefused() => Assert.That(
        () => Create(new MLContext(1), 100, 1, 1).Fit(() => new ToyEnvironment(ToyEnvironment.Kind.Mixed)), Throws.TypeOf<InvalidOptionsException>().With.Message.Contains("'mover'"));

    [Test]
    public void Fit_OfAgentsThatDiffer_IsRefused() => Assert.That(
        () => Create(new MLContext(1), 100, 1, 1).Fit(() => new ToyEnvironment(ToyEnvironment.Kind.Mixed)), Throws.TypeOf<InvalidOptionsException>());
}

public sealed class VdnTests : ValueFactorizationContractTests
{
    protected override SafeMarlTrainer Create(MLContext mlContext, long steps, int threads, int seed) =>
        mlContext.SafeMarl().Trainers.Vdn(Small(new VdnOptions(), steps, threads, seed));
}

public sealed class QmixTests : ValueFactorizationContractTests
{
    protected override SafeMarlTrainer Create(MLContext mlContext, long steps, int threads, int seed) =>
        mlContext.SafeMarl().Trainers.Qmix(Small(new QmixOptions { MixingSize = 8, HypernetSize = 8 }, steps, threads, seed));
}

public sealed class QplexTests : ValueFactorizationContractTests
{
    protected override SafeMarlTrainer Create(MLContext mlContext, long steps, int threads, int seed) =>
        mlContext.SafeMarl().Trainers.Qplex(Small(new QplexOptions { HypernetSize = 8, AdvantageLayers = 2, AdvantageSize = 8, Kernels = 2 }, steps, threads, seed));
}

public sealed class QtranTests : ValueFactorizationContractTests
{
    protected override SafeMarlTrainer Create(MLContext mlContext, long steps, int threads, int seed) =>
        mlContext.SafeMarl().Trainers.Qtran(Small(new QtranOptions { JointSize = 8 }, steps, threads, seed));
}

public sealed class DmixTests : ValueFactorizationContractTests
{
    protected override SafeMarlTrainer Create(MLContext mlContext, long steps, int threads, int seed) =>
        mlContext.SafeMarl().Trainers.Dmix(Small(new DmixOptions { MixingSize = 8, HypernetSize = 8, Quantiles = 3, TargetQuantiles = 4, ActingQuantiles = 5, EmbeddingSize = 4 }, steps, threads, seed));
}

public sealed class ResqTests : ValueFactorizationContractTests
{
    protected override SafeMarlTrainer Create(MLContext mlContext, long steps, int threads, int seed) =>
        mlContext.SafeMarl().Trainers.Resq(Small(new ResqOptions { MixingSize = 8, HypernetSize = 8, CentralSize = 8 }, steps, threads, seed));
}

public sealed class ReszTests : ValueFactorizationContractTests
{
    protected override SafeMarlTrainer Create(MLContext mlContext, long steps, int threads, int seed) =>
        mlContext.SafeMarl().Trainers.Resz(Small(new ReszOptions { HypernetSize = 8, ShiftSize = 4, AttentionSize = 4, Quantiles = 3, EmbeddingSize = 4, CentralSize = 8 }, steps, threads, seed));
}

public sealed class RiskqTests : ValueFactorizationContractTests
{
    protected override SafeMarlTrainer Create(MLContext mlContext, long steps, int threads, int seed) =>
        mlContext.SafeMarl().Trainers.Riskq(Small(new RiskqOptions { HypernetSize = 8, ShiftSize = 4, AttentionHeads = 2, AttentionSize = 4, Quantiles = 3, EmbeddingSize = 4 }, steps, threads, seed));

    [TestCase(RiskMeasure.ConditionalValueAtRisk, 0)]
    [TestCase(RiskMeasure.ConditionalValueAtRisk, -1.5)]
    [TestCase(RiskMeasure.CumulativeProbabilityWeighting, 0.2)]
    public void Trainer_WithALevelThatTheMeasureHasNot_SaysWhichItHas(RiskMeasure measure, double level) => Assert.That(
        () => new MLContext(1).SafeMarl().Trainers.Riskq(risk: measure, riskLevel: level), Throws.TypeOf<InvalidOptionsException>().With.Message.Contains("RiskLevel").And.Message.Contains("at most 1").Or.Message.Contains("0.3 to 1"));
}

public sealed class RmixTests : ValueFactorizationContractTests
{
    protected override SafeMarlTrainer Create(MLContext mlContext, long steps, int threads, int seed) =>
        mlContext.SafeMarl().Trainers.Rmix(Small(new RmixOptions { Atoms = 12, RiskLevels = 3, MixingSize = 8, HypernetSize = 8 }, steps, threads, seed));
}

public sealed class DrimaTests : ValueFactorizationContractTests
{
    protected override SafeMarlTrainer Create(MLContext mlContext, long steps, int threads, int seed) =>
        mlContext.SafeMarl().Trainers.Drima(Small(new DrimaOptions { AgentLevels = 3, Quantiles = 4, EmbeddingSize = 4, JointSize = 8 }, steps, threads, seed));
}

public sealed class CbfTests : ValueFactorizationContractTests
{
    // It must know which agent was lost: costs are each agent's own.
    private protected override ToyEnvironment.Kind Suited(ToyEnvironment.Kind kind) => base.Suited(kind) == ToyEnvironment.Kind.SharedChoices ? ToyEnvironment.Kind.OwnChoices : base.Suited(kind);

    protected override SafeMarlTrainer Create(MLContext mlContext, long steps, int threads, int seed) =>
        mlContext.SafeMarl().Trainers.Cbf(Small(new CbfOptions { MixingSize = 8, HypernetSize = 8, Quantiles = 3, TargetQuantiles = 4, ActingQuantiles = 5, EmbeddingSize = 4, LossChannel = "far", DangerSteps = 2 }, steps, threads, seed));
}

public sealed class QbfTests : ValueFactorizationContractTests
{
    protected override SafeMarlTrainer Create(MLContext mlContext, long steps, int threads, int seed) =>
        mlContext.SafeMarl().Trainers.Qbf(Small(new QbfOptions { MixingSize = 8, HypernetSize = 8, LossChannel = "far", LossThreshold = 0, BarrierEpisodes = 3 }, steps, threads, seed));
}

public sealed class DbfTests : ValueFactorizationContractTests
{
    protected override SafeMarlTrainer Create(MLContext mlContext, long steps, int threads, int seed) =>
        mlContext.SafeMarl().Trainers.Dbf(Small(new DbfOptions { HypernetSize = 8, Kernels = 2, Quantiles = 3, TargetQuantiles = 3, EmbeddingSize = 4, FeedbackSize = 4, LossChannel = "far", LossThreshold = 0, BarrierEpisodes = 3, BatchEpisodes = 2 }, steps, threads, seed));
}
