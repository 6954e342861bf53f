using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Files;
using SafeMarl.ML.Tests.Support;
using SafeMarl.ML.Training;
using static SafeMarl.ML.Tests.Support.ToyEnvironment;

namespace SafeMarl.ML.Tests.Buffers;

/// <summary>A replay that a collector fills must hold the episodes as they were played.</summary>
public sealed class ReplayBufferTests
{
    private const int Environments = 3, Steps = 10, EpisodeLength = 4, BatchSize = 400;
    private const long Seed = 5;

    /// <summary>A played step: its record's numbers by name, and the view after it.</summary>
    private sealed record Played(float[] State, float[] Action, float[] Rewards, EpisodeStatus Status, float[] StateAfter);

    [TestCase(Kind.SharedBoxes, 1)]
    [TestCase(Kind.SharedBoxes, 3)]
    [TestCase(Kind.MaskedChoices, 1)]
    [TestCase(Kind.MaskedChoices, 3)]
    [TestCase(Kind.Mixed, 2)]
    public void Sample_AfterCollections_GivesTransitionsOfTheEpisodesThatWerePlayed(object kind, int returnSteps)
    {
        (ReplayBuffer replay, Collector collector, VectorEnvironment vector, Recorder recorder) = Create((Kind)kind, capacity: 1000);
        using (vector)
        {
            for (int i = 0; i < 4; i++)
            {
                collector.Collect(policy: null, Steps, iteration: i, stepsBefore: i * Steps * Environments);
                replay.Commit();
            }
            var batch = new OffPolicyBatch(replay.Layout, BatchSize, returnSteps);
            var random = new RandomStream(1);
            replay.Sample(ref random, 0.9, batch);
            var seen = new HashSet<(int, int)>();
            for (int row = 0; row < BatchSize; row++)
                seen.Add(AssertPlayed(batch, row, recorder));

            Assert.That(seen, Has.Count.EqualTo(4 * Steps * Environments).Within(3), "every transition is drawn sooner or later");
        }
    }

    [Test]
    public void Sample_OfAFullReplay_GivesTheNewestOnly()
    {
        (ReplayBuffer replay, Collector collector, VectorEnvironment vector, Recorder recorder) = Create(Kind.SharedBoxes, capacity: 24);
        using (vector)
        {
            for (int i = 0; i < 9; i++)
            {
                collector.Collect(policy: null, Steps, iteration: i, stepsBefore: i * Steps * Environments);
                replay.Commit();
            }
            var batch = new OffPolicyBatch(replay.Layout, BatchSize, 2);
            var random = new RandomStream(1);
            replay.Sample(ref random, 0.9, batch);
            int oldest = Enumerable.Range(0, BatchSize).Min(row => AssertPlayed(batch, row, recorder).Step);

            // Eight records for each environment: steps, and last views of truncated episodes between them.
            Assert.That(oldest, Is.InRange(9 * Steps - 8, 9 * Steps - 6));
        }
    }

    [Test]
    public void Sample_WhileStepsAreWritten_GivesWhatWasCommitted()
    {
        (ReplayBuffer replay, Collector collector, VectorEnvironment vector, _) = Create(Kind.SharedBoxes, capacity: 24);
        using (vector)
        {
            for (int i = 0; i < 5; i++)
            {
                collector.Collect(policy: null, Steps, iteration: i, stepsBefore: 0);
                replay.Commit();
            }
            OffPolicyBatch before = Sample(replay);
            collector.Collect(policy: null, Steps, iteration: 5, stepsBefore: 0);
            OffPolicyBatch during = Sample(replay);
            replay.Commit();
            OffPolicyBatch after = Sample(replay);

            Assert.That(during.Records, Is.EqualTo(before.Records));
            Assert.That(during.Next, Is.EqualTo(before.Next));
            Assert.That(after.Records, Is.Not.EqualTo(before.Records));
        }
    }

    [Test]
    public void Load_OfWhatWasSaved_GivesTheSameBatchesAndGoesOn()
    {
        (ReplayBuffer source, Collector collector, VectorEnvironment vector, _) = Create(Kind.SharedBoxes, capacity: 30);
        (ReplayBuffer target, Collector other, VectorEnvironment otherVector, _) = Create(Kind.SharedBoxes, capacity: 30);
        using (vector)
        using (otherVector)
        {
            collector.Collect(policy: null, 7, iteration: 0, stepsBefore: 0);
            source.Commit();
            var file = new TensorFile();
            source.Save(file);
            target.Load(TensorFile.Parse(file.ToBytes(), "test"));
            using var state = new MemoryStream();
            vector.SaveState(new BinaryWriter(state));
            state.Position = 0;
            otherVector.RestoreState(new BinaryReader(state));
            Assert.That(Sample(target).Records, Is.EqualTo(Sample(source).Records));
            foreach ((ReplayBuffer replay, Collector c) in new[] { (source, collector), (target, other) })
            {
                c.Collect(policy: null, Steps, iteration: 1, stepsBefore: 0);
                replay.Commit();
            }

            Assert.That(Sample(target).Records, Is.EqualTo(Sample(source).Records));
            Assert.That(Sample(target).Next, Is.EqualTo(Sample(source).Next));
        }
    }

    [Test]
    public void Interrupt_OfRunningEpisodes_TruncatesThemAtTheirLastView()
    {
        (ReplayBuffer replay, Collector collector, VectorEnvironment vector, _) = Create(Kind.SharedBoxes, capacity: 100);
        using (vector)
        {
            collector.Collect(policy: null, steps: 2, iteration: 0, stepsBefore: 0);
            replay.Commit();
            float[] lastViews = [.. Enumerable.Range(0, Environments).Select(e => vector.Current[e].State[0])];
            vector.Reset(99);
            collector.Interrupt();
            collector.Collect(policy: null, steps: 1, iteration: 1, stepsBefore: 0);
            replay.Commit();
            var batch = new OffPolicyBatch(replay.Layout, BatchSize, 2);
            replay.Gather([.. Enumerable.Range(0, Environments).Select(e => (e, 1L))], 0.9, batch);

            for (int e = 0; e < Environments; e++)
            {
                Assert.That(batch.Next[e * replay.Layout.ViewSize + replay.Layout.State.Start.Value], Is.EqualTo(lastViews[e]));
                Assert.That(batch.Discounts[e], Is.EqualTo(0.9f), "the return stops at the interruption");
                Assert.That(batch.BootstrapTerminated[e], Is.Zero);
            }
        }
    }

    [Test]
    public void Replay_TooLargeForArrays_SaysWhichOptionsMakeIt() => Assert.That(
        () => new ReplayBuffer(TaskShapes.Of(new ToyEnvironment(Kind.Mixed).Spec), int.MaxValue, 1, 1, 1),
        Throws.TypeOf<InvalidOptionsException>().With.Message.Contains("ReplayCapacity / Environments"));

    private static OffPolicyBatch Sample(ReplayBuffer replay)
    {
        var batch = new OffPolicyBatch(replay.Layout, BatchSize, 2);
        var random = new RandomStream(3);
        replay.Sample(ref random, 0.9, batch);
        return batch;
    }

    private static (ReplayBuffer, Collector, VectorEnvironment, Recorder) Create(Kind kind, int capacity)
    {
        var vector = new VectorEnvironment(() => new ToyEnvironment(kind, EpisodeLength), Environments, 2);
        vector.Reset(Seed);
        var replay = new ReplayBuffer(TaskShapes.Of(vector.Spec), capacity, Environments, Steps, BatchSize);
        var recorder = new Recorder(new ReplayWriter(replay, vector.Spec), vector.Spec);
        return (replay, new Collector(vector, recorder, seed: 1), vector, recorder);
    }

    /// <summary>Finds the step that a row is of by its state, which is never twice the same, and checks the row against it.</summary>
    private static (int Environment, int Step) AssertPlayed(OffPolicyBatch batch, int row, Recorder recorder)
    {
        TransitionLayout layout = batch.Layout;
        float[] record = batch.Records[(row * layout.Size)..((row + 1) * layout.Size)];
        (int environment, int step) = recorder.Find(record[layout.State], record[layout.JointAction]);
        List<Played> played = recorder.Steps[environment];
        int agents = layout.Task.Agents.Count, k = 0;
        double[] expected = new double[agents];
        double discount = 1;
        do
        {
            for (int agent = 0; agent < agents; agent++)
                expected[agent] += discount * played[step + k].Rewards[agent];
            discount *= 0.9;
            k++;
        }
        while (k < batch.ReturnSteps && played[step + k - 1].Status == EpisodeStatus.Running && step + k < played.Count);
        Played first = played[step], last = played[step + k - 1];

        Assert.That(batch.Returns[(row * agents)..((row + 1) * agents)], Is.EqualTo(expected).Within(1e-5), "return");
        Assert.That(batch.Discounts[row], Is.EqualTo(discount).Within(1e-6), "discount");
        Assert.That(batch.Terminated[row], Is.EqualTo(first.Status == EpisodeStatus.Terminated ? 1 : 0), "terminated");
        Assert.That(batch.BootstrapTerminated[row], Is.EqualTo(last.Status == EpisodeStatus.Terminated ? 1 : 0), "terminated within the return");
        Assert.That(batch.Next[(row * layout.ViewSize)..((row + 1) * layout.ViewSize)][layout.State], Is.EqualTo(first.StateAfter), "next state");
        Assert.That(batch.Bootstrap[(row * layout.ViewSize)..((row + 1) * layout.ViewSize)][layout.State], Is.EqualTo(last.StateAfter), "state after the return");
        return (environment, step);
    }

    /// <summary>Passes everything on and remembers it. Actions are remembered as critics see them.</summary>
    private sealed class Recorder(IExperienceWriter inner, EnvironmentSpec spec) : IExperienceWriter
    {
        private readonly (float[] State, float[] Action)[] _begun = new (float[], float[])[Environments];

        public List<Played>[] Steps { get; } = [.. Enumerable.Range(0, Environments).Select(_ => new List<Played>())];

        public void Write(int step, int environment, StepBuffer seen, ReadOnlySpan<float> state, ReadOnlySpan<float> jointAction, ReadOnlySpan<float> logProbs)
        {
            float[] action = jointAction.ToArray();
            _begun[environment] = (state.ToArray(), [.. spec.Agents.SelectMany((a, i) => a.ActionSpace.IsDiscrete
                ? Enumerable.Range(0, a.ActionSpace.Count).Select(n => n == (int)action[spec.Layout.Action(i)][0] ? 1f : 0)
                : action[spec.Layout.Action(i)])]);
            inner.Write(step, environment, seen, state, jointAction, logProbs);
        }

        public void Write(int step, int environment, StepBuffer signals, EpisodeStatus status, StepBuffer after, ReadOnlySpan<float> stateAfter)
        {
            float[] rewards = new float[spec.Agents.Count];
            for (int agent = 0; agent < rewards.Length; agent++)
                rewards[agent] = signals.Reward(agent);
            Steps[environment].Add(new Played(_begun[environment].State, _begun[environment].Action, rewards, status, stateAfter.ToArray()));
            inner.Write(step, environment, signals, status, after, stateAfter);
        }

        public void Interrupt() => inner.Interrupt();

        public (int Environment, int Step) Find(float[] state, float[] action)
        {
            for (int e = 0; e < Environments; e++)
            {
                int step = Steps[e].FindIndex(p => p.State.SequenceEqual(state) && p.Action.Zip(action, (a, b) => Math.Abs(a - b)).Max() < 1e-6);
                if (step >= 0)
                    return (e, step);
            }
            throw new AssertionException("A row is of no step that was played.");
        }
    }
}
