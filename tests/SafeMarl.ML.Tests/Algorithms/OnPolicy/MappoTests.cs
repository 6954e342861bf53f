using Microsoft.ML;
using SafeMarl.ML.Tests.Support;

namespace SafeMarl.ML.Tests.Algorithms.OnPolicy;

public sealed class MappoSeparateTests : TrainerContractTests
{
    protected override int Environments => 5;

    protected override long StepsPerIteration => 5 * 9;

    protected override SafeMarlTrainer Create(MLContext mlContext, long steps, int threads, int seed) => mlContext.SafeMarl().Trainers.Mappo(new MappoOptions
    {
        TotalSteps = steps, Seed = seed, WorkerThreads = threads, Environments = 5, RolloutSteps = 9, Minibatches = 2, HiddenSize = 8, Epochs = 2, Device = "cpu", ShareParameters = false,
    });

    [Test]
    public void Fit_SharingParametersOfUnequalAgents_NamesTwoThatDiffer() =>
        Assert.That(() => new MLContext(1).SafeMarl().Trainers.Mappo(new MappoOptions { HiddenSize = 8, Device = "cpu" }).Fit(() => new ToyEnvironment(ToyEnvironment.Kind.Mixed)),
            Throws.TypeOf<InvalidOptionsException>().With.Message.Contains("mover").And.Message.Contains("chooser"));

    [Test]
    public void Fit_SharingParameters_GivesEqualAgentsEqualActions()
    {
        var options = new MappoOptions { TotalSteps = 90, Seed = 1, Environments = 5, RolloutSteps = 9, HiddenSize = 8, Device = "cpu" };
        Policy policy = new MLContext(1).SafeMarl().Trainers.Mappo(options).Fit(() => new ToyEnvironment(ToyEnvironment.Kind.SharedBoxes)).Policy;
        float[] left = new float[2], right = new float[2];
        policy.Agent("left").Act([0.1f, 0.2f, 0.3f], default, left);
        policy.Agent("right").Act([0.1f, 0.2f, 0.3f], default, right);

        Assert.That(left, Is.EqualTo(right));
    }
}
