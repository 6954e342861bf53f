using Microsoft.ML;

namespace SafeMarl.ML.Tests.Algorithms.OnPolicy;

public sealed class HatrpoTests : TrainerContractTests
{
    protected override int Environments => 5;

    protected override long StepsPerIteration => 5 * 9;

    protected override SafeMarlTrainer Create(MLContext mlContext, long steps, int threads, int seed) => mlContext.SafeMarl().Trainers.Hatrpo(new HatrpoOptions
    {
        TotalSteps = steps, Seed = seed, WorkerThreads = threads, Environments = 5, RolloutSteps = 9, HiddenSize = 8, Device = "cpu", CriticMinibatches = 2, CriticEpochs = 2,
    });
}
