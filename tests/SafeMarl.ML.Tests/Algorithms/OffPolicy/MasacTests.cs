using Microsoft.ML;

namespace SafeMarl.ML.Tests.Algorithms.OffPolicy;

public sealed class MasacTests : TrainerContractTests
{
    protected override int Environments => 5;

    protected override long StepsPerIteration => 40;

    protected override SafeMarlTrainer Create(MLContext mlContext, long steps, int threads, int seed) => mlContext.SafeMarl().Trainers.Masac(new MasacOptions
    {
        TotalSteps = steps, WorkerThreads = threads, Seed = seed, Environments = Environments, RolloutSteps = 8, WarmupSteps = 40, UpdatesPerStep = 0.05, BatchSize = 16, ReplayCapacity = 200,
        HiddenSize = 8, Device = "cpu",
    });
}
