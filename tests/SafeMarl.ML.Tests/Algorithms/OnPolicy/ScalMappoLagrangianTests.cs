using Microsoft.ML;

namespace SafeMarl.ML.Tests.Algorithms.OnPolicy;

public sealed class ScalMappoLagrangianTests : TrainerContractTests
{
    protected override int Environments => 5;

    protected override long StepsPerIteration => 5 * 9;

    protected override SafeMarlTrainer Create(MLContext mlContext, long steps, int threads, int seed) => mlContext.SafeMarl().Trainers.ScalMappoLagrangian(new ScalMappoLagrangianOptions
    {
        TotalSteps = steps, Seed = seed, WorkerThreads = threads, Environments = 5, RolloutSteps = 9, HiddenSize = 8, Device = "cpu", Minibatches = 2, Epochs = 2, CostLimit = 2,
    });
}
