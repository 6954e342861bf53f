using Microsoft.ML;

namespace SafeMarl.ML.Tests.Algorithms.OffPolicy;

public sealed class Mas3acTests : TrainerContractTests
{
    protected override int Environments => 5;

    protected override long StepsPerIteration => 40;

    protected override SafeMarlTrainer Create(MLContext mlContext, long steps, int threads, int seed) => mlContext.SafeMarl().Trainers.Mas3ac(Small(steps, threads, seed));

    internal static Mas3acOptions Small(long steps, int threads, int seed) => new()
    {
        TotalSteps = steps, WorkerThreads = threads, Seed = seed, Environments = 5, RolloutSteps = 8, WarmupSteps = 40, UpdatesPerStep = 0.05, BatchSize = 16, ReplayCapacity = 200,
        HiddenSize = 8, Device = "cpu",
    };
}

/// <summary>Every choice the other way where it can be.</summary>
public sealed class Mas3acWithOtherChoicesTests : TrainerContractTests
{
    protected override int Environments => 5;

    protected override long StepsPerIteration => 40;

    protected override SafeMarlTrainer Create(MLContext mlContext, long steps, int threads, int seed)
    {
        Mas3acOptions options = Mas3acTests.Small(steps, threads, seed);
        (options.Information, options.StabilityInput, options.TwinCritics) = (CriticInformation.Neighborhood, StabilityInput.AsCritic, false);
        (options.ShareDraws, options.AgentOrder, options.ReturnSteps) = (false, AgentOrder.Random, 3);
        (options.CertifiedActions, options.HingeActions, options.OthersActions) = (CertifiedActions.Likeliest, StepActions.Redrawn, StepActions.Stored);
        (options.AdaptStabilityDecay, options.MultiplierOptimizer, options.MultiplierTiming) = (true, MultiplierOptimizer.Adam, MultiplierTiming.AfterPolicyStep);
        (options.BarrierSignal, options.HingeSum, options.MaskTerminated) = (BarrierSignal.Indicator, HingeSum.Discounted, false);
        (options.ActuationWeight, options.MaxActorGradientNorm, options.Initialization, options.PolicyInterval) = (0.1, null, Initialization.Uniform, 1);
        return mlContext.SafeMarl().Trainers.Mas3ac(options);
    }
}

public sealed class Mas3acWithReachabilityTests : TrainerContractTests
{
    protected override int Environments => 5;

    protected override long StepsPerIteration => 40;

    protected override SafeMarlTrainer Create(MLContext mlContext, long steps, int threads, int seed)
    {
        Mas3acOptions options = Mas3acTests.Small(steps, threads, seed);
        (options.SafetyCertificate, options.Information) = (SafetyCertificateKind.Reachability, CriticInformation.OwnActions);
        return mlContext.SafeMarl().Trainers.Mas3ac(options);
    }
}
