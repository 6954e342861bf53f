using Microsoft.ML;

namespace SafeMarl.ML.Tests.Algorithms.OffPolicy;

public sealed class HasacTests : TrainerContractTests
{
    protected override int Environments => 5;

    protected override long StepsPerIteration => 40;

    protected override SafeMarlTrainer Create(MLContext mlContext, long steps, int threads, int seed) => mlContext.SafeMarl().Trainers.Hasac(new HasacOptions
    {
        TotalSteps = steps, WorkerThreads = threads, Seed = seed, Environments = Environments, RolloutSteps = 8, WarmupSteps = 40, UpdatesPerStep = 0.05, BatchSize = 16, ReplayCapacity = 200,
        ReturnSteps = 3, HiddenSize = 8, Device = "cpu",
    });
}

public sealed class HasacWithNormalizedValuesTests : TrainerContractTests
{
    protected override int Environments => 5;

    protected override long StepsPerIteration => 40;

    protected override SafeMarlTrainer Create(MLContext mlContext, long steps, int threads, int seed) => mlContext.SafeMarl().Trainers.Hasac(new HasacOptions
    {
        TotalSteps = steps, WorkerThreads = threads, Seed = seed, Environments = Environments, RolloutSteps = 8, WarmupSteps = 0, UpdatesPerStep = 0.025, BatchSize = 16, ReplayCapacity = 100,
        ReturnSteps = 1, HiddenSize = 8, Device = "cpu", NormalizeValues = true, UseHuberLoss = true, AdaptTemperature = false, PolicyInterval = 2,
    });
}
