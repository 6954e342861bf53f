using Microsoft.ML;
using SafeMarl.ML.Algorithms.OffPolicy;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Tests.Support;
using SafeMarl.ML.Training;

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

/// <summary>One set of networks for alike agents.</summary>
public sealed class Mas3acWithSharedParametersTests
{
    private static Mas3ac Create(TaskShape task, Action<Mas3acOptions> change)
    {
        Mas3acOptions options = Mas3acTests.Small(steps: 80, threads: 1, seed: 1);
        options.ShareParameters = true;
        change(options);
        return new Mas3ac(task, options, plannedUpdates: 10, threads: 1, seed: 1, GoldenNetworks.Double);
    }

    private static TaskShape Task(ToyEnvironment.Kind kind)
    {
        using var toy = new ToyEnvironment(kind);
        return TaskShapes.Of(toy.Spec);
    }

    [Test]
    public void Agents_HaveOneSetOfNetworksAndMultipliersOfTheirOwn()
    {
        using Mas3ac algorithm = Create(Task(ToyEnvironment.Kind.SharedBoxes), _ => { });

        Assert.Multiple(() =>
        {
            Assert.That(algorithm.Agents[1].Functions, Is.EqualTo(algorithm.Agents[0].Functions));
            Assert.That(algorithm.Agents[1].SafetyMultipliers[0], Is.Not.SameAs(algorithm.Agents[0].SafetyMultipliers[0]));
            Assert.That(algorithm.Policy.Agents[1].Certificates!.SafetyNetworks[0], Is.SameAs(algorithm.Policy.Agents[0].Certificates!.SafetyNetworks[0]), "they travel once");
        });
    }

    [Test]
    public void RewardsOfTheirOwn_WithCriticsThatLookAtEverythingAlike_IsAnError() =>
        Assert.That(() => Create(Task(ToyEnvironment.Kind.MaskedChoices), _ => { }), Throws.TypeOf<InvalidOptionsException>().With.Message.Contains("Information"));

    [Test]
    public void RewardsOfTheirOwn_WithCriticsOfTheNeighborhood_AreAccepted() =>
        Assert.That(() => Create(Task(ToyEnvironment.Kind.MaskedChoices), o => o.Information = CriticInformation.Neighborhood).Dispose(), Throws.Nothing);

    [Test]
    public void AgentsThatDiffer_AreAnErrorThatNamesThem() =>
        Assert.That(() => Create(Task(ToyEnvironment.Kind.Mixed), o => o.Information = CriticInformation.OwnActions),
            Throws.TypeOf<InvalidOptionsException>().With.Message.Contains("mover").And.Message.Contains("chooser"));

    [Test]
    public void Fit_ResumedHalfway_GivesThePolicyOfOneRun()
    {
        using var folder = new TemporaryFolder();
        Fit(80, new TrainingRun { Folder = folder.Path });
        PolicyTransformer resumed = Fit(160, new TrainingRun { Folder = folder.Path, Resume = true });

        Assert.That(PolicyHash.Of(resumed.Policy), Is.EqualTo(PolicyHash.Of(Fit(160, run: null).Policy)));

        static PolicyTransformer Fit(long steps, TrainingRun? run)
        {
            Mas3acOptions options = Mas3acTests.Small(steps, threads: 2, seed: 3);
            (options.ShareParameters, options.Information, options.FinalLearningRateShare) = (true, CriticInformation.Neighborhood, 1);
            return new MLContext(1).SafeMarl().Trainers.Mas3ac(options).Fit(() => new ToyEnvironment(ToyEnvironment.Kind.MaskedChoices), run);
        }
    }
}
