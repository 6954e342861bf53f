using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.ML.Files;
using SafeMarl.ML.Tests.Support;
using TorchSharp;
using static SafeMarl.ML.Tests.Support.ToyEnvironment;

namespace SafeMarl.ML.Tests.Algorithms;

/// <summary>What every trainer must do, whatever its algorithm. A new algorithm inherits this and says how it is made.</summary>
public abstract class TrainerContractTests
{
    private static readonly Kind[] Kinds = [Kind.SharedBoxes, Kind.MaskedChoices, Kind.Mixed];

    /// <summary>A small run of the algorithm that must work on every kind of task.</summary>
    protected abstract SafeMarlTrainer Create(MLContext mlContext, long steps, int threads, int seed);

    /// <summary>Environments that <see cref="Create"/> steps side by side.</summary>
    protected abstract int Environments { get; }

    /// <summary>Environment steps of one iteration of <see cref="Create"/>.</summary>
    protected abstract long StepsPerIteration { get; }

    /// <summary>What stands in for a kind of task that the algorithm cannot take.</summary>
    private protected virtual Kind Suited(Kind kind) => kind;

    [TestCaseSource(nameof(Kinds))]
    public void Fit_OnEveryKindOfTask_ReportsFiniteNumbersAndGivesAPolicy(object kind)
    {
        var reports = new List<TrainingProgress>();
        PolicyTransformer policy = Fit((Kind)kind, iterations: 4, run: new TrainingRun { Sinks = [new ListSink(reports)] });
        using ToyEnvironment environment = Toy((Kind)kind);

        Assert.Multiple(() =>
        {
            Assert.That(reports, Has.Count.EqualTo(4));
            Assert.That(reports[^1].Steps, Is.EqualTo(4 * StepsPerIteration));
            Assert.That(reports.SelectMany(r => r.Metrics.Values), Is.All.Matches<double>(double.IsFinite));
            Assert.That(reports.Select(r => r.Return), Is.All.Not.Null);
            Assert.That(reports[0].Costs, Has.Count.EqualTo(environment.Spec.Layout.CostSize));
            Assert.That(policy.Policy.Agents.Select(a => a.Name), Is.EqualTo(environment.Spec.Agents.Select(a => a.Name)));
            Assert.That(policy.Policy.Origin.Steps, Is.EqualTo(4 * StepsPerIteration));
        });
    }

    [TestCaseSource(nameof(Kinds))]
    public void Fit_WithOneSeed_GivesTheSameBitsForAnyNumberOfThreads(object kind)
    {
        string one = PolicyHash.Of(Fit((Kind)kind, 3, threads: 1).Policy), two = PolicyHash.Of(Fit((Kind)kind, 3, threads: 2).Policy), again = PolicyHash.Of(Fit((Kind)kind, 3, threads: 2).Policy);
        string other = PolicyHash.Of(Fit((Kind)kind, 3, threads: 2, seed: 2).Policy);

        Assert.Multiple(() =>
        {
            Assert.That(two, Is.EqualTo(one));
            Assert.That(again, Is.EqualTo(two));
            Assert.That(other, Is.Not.EqualTo(two), "another seed");
        });
    }

    [TestCaseSource(nameof(Kinds))]
    public void Fit_Resumed_GivesTheSameBitsAsNeverStopped(object kind)
    {
        using var folder = new TemporaryFolder();
        string uninterrupted = PolicyHash.Of(Fit((Kind)kind, 6).Policy);
        using (var cancellation = new CancellationTokenSource())
        {
            PolicyTransformer early = Fit((Kind)kind, 6, new TrainingRun
            {
                Folder = folder.Path, CancellationToken = cancellation.Token, Sinks = [new ActionSink(p => { if (p.Iteration == 2) cancellation.Cancel(); })],
            });
            Assert.That(early.Policy.Origin.Steps, Is.EqualTo(2 * StepsPerIteration), "cancellation gives the policy so far");
        }
        PolicyTransformer resumed = Fit((Kind)kind, 6, new TrainingRun { Folder = folder.Path, Resume = true });

        Assert.That(PolicyHash.Of(resumed.Policy), Is.EqualTo(uninterrupted));
    }

    [Test]
    public void Fit_ForAThousandUpdates_KeepsTheNumberOfLiveTensors()
    {
        // What other tests left to the garbage collector must not go while this one counts.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = torch.Tensor.TotalCount;
        var counts = new List<long>();
        Fit(Kind.SharedBoxes, 1000, new TrainingRun { Sinks = [new ActionSink(_ => counts.Add(torch.Tensor.TotalCount))] });

        Assert.That(counts[999], Is.EqualTo(counts[9]));
        Assert.That(torch.Tensor.TotalCount, Is.EqualTo(before), "a run leaves no tensor behind");
    }

    [Test]
    public void Fit_WithARewardThatIsNotFinite_NamesAgentQuantityAndStep() => AssertNonFinite(new ToyEnvironment(Suited(Kind.SharedBoxes)) { PoisonRewardAt = 3 }, "reward", vectorStep: 2);

    [Test]
    public void Fit_WithACostThatIsNotFinite_NamesAgentQuantityAndStep() => AssertNonFinite(new ToyEnvironment(Suited(Kind.SharedBoxes)) { PoisonCostAt = 3 }, "cost 'far'", vectorStep: 2);

    [Test]
    public void Fit_WithAnObservationThatIsNotFinite_NamesAgentQuantityAndStep() => AssertNonFinite(new ToyEnvironment(Suited(Kind.SharedBoxes)) { PoisonObservationAt = 3 }, "observation", vectorStep: 3);

    [Test]
    public void Fit_WithANegativeCost_NamesIt() => Assert.That(
        () => Create(new MLContext(1), 10 * StepsPerIteration, 2, 1).Fit(() => new ToyEnvironment(Suited(Kind.SharedBoxes)) { Rebate = 2 }),
        Throws.TypeOf<EnvironmentException>().With.Message.Contains("'far'").And.Message.Contains("-2"));

    [Test]
    public void Fit_WithANegativeDeviation_NamesIt() => Assert.That(
        () => Create(new MLContext(1), 10 * StepsPerIteration, 2, 1).Fit(() => new ToyEnvironment(Suited(Kind.Mixed)) { Closeness = 2 }),
        Throws.TypeOf<EnvironmentException>().With.Message.Contains("deviation of 'chooser'").And.Message.Contains("-2"));

    [Test]
    public void Fit_OfATaskTooLargeForAPolicy_SaysSoBeforeTraining() => Assert.That(
        () => Create(new MLContext(1), 10 * StepsPerIteration, 2, 1).Fit(() => new HugeEnvironment()), Throws.TypeOf<SafeMarlException>().With.Message.Contains("70,000"));

    [Test]
    public void Fit_ThatFails_LeavesTheLastCheckpoint()
    {
        using var folder = new TemporaryFolder();
        Fit(Kind.SharedBoxes, 2, new TrainingRun { Folder = folder.Path });
        SafeMarlTrainer longer = Create(new MLContext(1), 4 * StepsPerIteration, 1, 1);
        var poisoned = new TrainingRun { Folder = folder.Path, Resume = true };
        Assert.That(() => longer.Fit(() => new ToyEnvironment(Suited(Kind.SharedBoxes)) { PoisonRewardAt = 3 }, poisoned), Throws.TypeOf<NonFiniteException>());
        PolicyTransformer resumed = longer.Fit(() => Toy(Kind.SharedBoxes), poisoned);

        Assert.That(resumed.Policy.Origin.Steps, Is.EqualTo(4 * StepsPerIteration));
    }

    [Test]
    public void Fit_ToAnotherTaskThanTheCheckpoints_IsRefused()
    {
        using var folder = new TemporaryFolder();
        Fit(Kind.SharedBoxes, 1, new TrainingRun { Folder = folder.Path });

        Assert.That(() => Fit(Kind.Mixed, 2, new TrainingRun { Folder = folder.Path, Resume = true }),
            Throws.TypeOf<InvalidOptionsException>().With.Message.Contains($"Toy-{Suited(Kind.SharedBoxes)}").And.Message.Contains($"Toy-{Suited(Kind.Mixed)}"));
    }

    [Test]
    public void Fit_OfARunBegunWithoutIt_CanLookForTheBestPolicyFromThenOn()
    {
        using var folder = new TemporaryFolder();
        Fit(Kind.SharedBoxes, 2, new TrainingRun { Folder = folder.Path });
        PolicyTransformer best = Fit(Kind.SharedBoxes, 5, new TrainingRun { Folder = folder.Path, Resume = true, Policy = PolicyChoice.Best });

        Assert.That(best.Policy.Origin.Steps, Is.InRange(2 * StepsPerIteration, 4 * StepsPerIteration));
    }

    [Test]
    public void Fit_WithADamagedCheckpoint_SaysSoAndWhatToDo()
    {
        using var folder = new TemporaryFolder();
        Fit(Kind.SharedBoxes, 1, new TrainingRun { Folder = folder.Path });
        string state = Directory.EnumerateFiles(folder.Path, "state.safetensors", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Last();
        byte[] bytes = File.ReadAllBytes(state);
        bytes[^5] ^= 4;
        File.WriteAllBytes(state, bytes);

        Assert.That(() => Fit(Kind.SharedBoxes, 2, new TrainingRun { Folder = folder.Path, Resume = true }),
            Throws.TypeOf<CorruptFileException>().With.Message.Contains("checksum").And.Message.Contains("Delete this folder"));
    }

    [Test]
    public void Fit_IntoAFolderThatCannotBe_SaysSoBeforeTraining()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["taken"], "");
        int reports = 0;

        Assert.That(() => Fit(Kind.SharedBoxes, 2, new TrainingRun { Folder = folder["taken"], Sinks = [new ActionSink(_ => reports++)] }),
            Throws.TypeOf<RunFolderException>().With.Message.Contains("taken"));
        Assert.That(reports, Is.Zero);
    }

    [Test]
    public void Fit_OnAViewWithoutAnEnvironment_SaysHowToMakeOne()
    {
        var mlContext = new MLContext(1);
        IDataView rows = mlContext.Data.TakeRows(mlContext.SafeMarl().LoadFromEnvironment(() => Toy(Kind.SharedBoxes)), 5);

        Assert.That(() => Create(mlContext, 100, 1, 1).Fit(rows), Throws.ArgumentException.With.Message.Contains("LoadFromEnvironment"));
    }

    // Which of the environments fails first is left to the threads.
    private void AssertNonFinite(ToyEnvironment poisoned, string quantity, int vectorStep)
    {
        string agent = poisoned.Spec.Agents[1].Name;
        var error = Assert.Throws<NonFiniteException>(() => Create(new MLContext(1), 10 * StepsPerIteration, 2, 1).Fit(() => new ToyEnvironment(Suited(Kind.SharedBoxes))
        {
            PoisonRewardAt = poisoned.PoisonRewardAt, PoisonCostAt = poisoned.PoisonCostAt, PoisonObservationAt = poisoned.PoisonObservationAt,
        }));

        Assert.Multiple(() =>
        {
            Assert.That(error!.Agent, Is.EqualTo(agent));
            Assert.That(error.Quantity, Is.EqualTo(quantity));
            Assert.That(error.Step, Is.InRange(vectorStep * Environments, (vectorStep + 1) * Environments - 1));
        });
    }

    private ToyEnvironment Toy(Kind kind) => new(Suited(kind));

    private PolicyTransformer Fit(Kind kind, int iterations, TrainingRun? run = null, int threads = 2, int seed = 1) =>
        Create(new MLContext(1), iterations * StepsPerIteration, threads, seed).Fit(() => Toy(kind), run);

    /// <summary>Declares more than a policy can describe; nobody gets to step it.</summary>
    private sealed class HugeEnvironment : IMultiAgentEnvironment
    {
        public EnvironmentSpec Spec { get; } = new("Huge", [new AgentSpec("all-seeing", 70_000, ActionSpace.Box(1, -1, 1), [new CostChannel("none")])], 5);

        public void Reset(long seed, StepBuffer step) => throw new InvalidOperationException();

        public EpisodeStatus Step(ReadOnlySpan<float> jointAction, StepBuffer step) => throw new InvalidOperationException();

        public void Dispose() { }
    }

    private sealed class ListSink(List<TrainingProgress> reports) : IMetricSink
    {
        public void Emit(TrainingProgress progress) => reports.Add(progress);
    }

    private sealed class ActionSink(Action<TrainingProgress> action) : IMetricSink
    {
        public void Emit(TrainingProgress progress) => action(progress);
    }
}
