using Microsoft.ML;

namespace SafeMarl.ML.Tests.Algorithms.OnPolicy;

public sealed class HappoTests : TrainerContractTests
{
    protected override int Environments => 5;

    protected override long StepsPerIteration => 5 * 9;

    protected override SafeMarlTrainer Create(MLContext mlContext, long steps, int threads, int seed) => mlContext.SafeMarl().Trainers.Happo(new HappoOptions
    {
        TotalSteps = steps, Seed = seed, WorkerThreads = threads, Environments = 5, RolloutSteps = 9, HiddenSize = 8, Device = "cpu", Minibatches = 2, Epochs = 2,
    });
}
