using static SafeMarl.Environments.Tests.CountingEnvironment;

namespace SafeMarl.Environments.Tests;

public sealed class VectorEnvironmentTests
{
    [TestCase(EpisodeStatus.Truncated)]
    [TestCase(EpisodeStatus.Terminated)]
    public void Step_ThatEndsAnEpisode_ResetsAndKeepsTheFinalView(EpisodeStatus ending)
    {
        using var vector = new VectorEnvironment(() => new CountingEnvironment(length: 3, ending), 4, 2);
        float[] actions = NeutralActions(vector);
        vector.Reset(1);
        for (int i = 0; i < 3; i++)
        {
            VectorTrace.SampleActions(vector, i, actions);
            vector.Step(actions);
        }

        for (int e = 0; e < 4; e++)
        {
            Assert.That(vector.Statuses[e], Is.EqualTo(ending));
            Assert.That(vector.Final[e].Observation(0)[0], Is.EqualTo(3), "the last observation of the old episode");
            Assert.That(vector.Final[e].State[0], Is.EqualTo(3));
            Assert.That(vector.Final[e].ActionMask(1).ToArray(), Is.EqualTo(new float[] { 1, 0, 0 }));
            Assert.That(vector.Current[e].Observation(0)[0], Is.EqualTo(0), "the first observation of the new episode");
            Assert.That(vector.Current[e].Reward(0), Is.EqualTo(3), "the old episode's reward");
            Assert.That(vector.Current[e].Cost(1), Is.EqualTo(1), "the old episode's cost");
        }
    }

    [Test]
    public void Reset_WithOneSeed_GivesEveryEnvironmentAndEpisodeItsOwn()
    {
        using var vector = new VectorEnvironment(() => new CountingEnvironment(length: 1), 6, 1);
        float[] actions = NeutralActions(vector);
        vector.Reset(1);
        var seeds = new HashSet<float>(Seeds());
        for (int i = 0; i < 5; i++)
        {
            VectorTrace.SampleActions(vector, i, actions);
            vector.Step(actions);
            seeds.UnionWith(Seeds());
        }

        Assert.That(seeds, Has.Count.GreaterThan(30), "36 episodes, seeds reduced to three digits");

        IEnumerable<float> Seeds() => Enumerable.Range(0, 6).Select(e => vector.Current[e].Observation(0)[1]);
    }

    [Test]
    public void Step_WithAFailingEnvironment_RethrowsAndTheVectorLivesOn()
    {
        using var vector = new VectorEnvironment(() => new CountingEnvironment(fault: Fault.ThrowsInStep), 4, 2);
        float[] actions = NeutralActions(vector);
        vector.Reset(1);
        for (int i = 0; i < 2; i++)
        {
            VectorTrace.SampleActions(vector, i, actions);
            vector.Step(actions);
        }
        VectorTrace.SampleActions(vector, 3, actions);

        Assert.That(() => vector.Step(actions), Throws.TypeOf<InvalidOperationException>().With.Message.EqualTo("broken on purpose"));
        vector.Reset(2);
        VectorTrace.SampleActions(vector, 4, actions);
        Assert.That(() => vector.Step(actions), Throws.Nothing);
    }

    [Test]
    public void VectorEnvironment_OfDifferentEnvironments_IsRefusedAndDisposesThem()
    {
        var made = new List<IMultiAgentEnvironment>();

        Assert.That(() => new VectorEnvironment(() => Keep(made.Count == 0 ? new CountingEnvironment() : new SafeMarl.Environments.Games.ConstrainedMatrixGame()), 2, 1),
            Throws.TypeOf<EnvironmentException>().With.Message.Contains("Counting").And.Message.Contains("ConstrainedMatrixGame"));
        Assert.That(((CountingEnvironment)made[0]).Disposals, Is.EqualTo(1));

        IMultiAgentEnvironment Keep(IMultiAgentEnvironment environment)
        {
            made.Add(environment);
            return environment;
        }
    }

    [Test]
    public void Step_ThatEndsAnEpisode_KeepsItsSignalsWhateverTheResetWrites()
    {
        using var vector = new VectorEnvironment(() => new CountingEnvironment(fault: CountingEnvironment.Fault.ClearsSignalsInReset), 2, 1);
        float[] actions = NeutralActions(vector);
        vector.Reset(1);
        for (int step = 1; step <= 4; step++)
        {
            VectorTrace.SampleActions(vector, step, actions);
            vector.Step(actions);
            Assert.That(vector.Current[1].Reward(0), Is.EqualTo(step), "also of the last step");
        }
        Assert.That(vector.Statuses[1], Is.EqualTo(EpisodeStatus.Truncated));
        Assert.That(vector.Current[1].Observation(0)[0], Is.Zero, "the next episode has begun");
    }

    [Test]
    public void Dispose_Twice_IsFine()
    {
        var vector = new VectorEnvironment(() => new CountingEnvironment(), 2, 2);
        vector.Dispose();

        Assert.That(vector.Dispose, Throws.Nothing);
    }

    [Test]
    public void Step_WithTooFewActions_SaysHowManyItTakes()
    {
        using var vector = new VectorEnvironment(() => new CountingEnvironment(), 4, 1);
        vector.Reset(1);

        Assert.That(() => vector.Step(new float[3]), Throws.ArgumentException.With.Message.Contains("12").And.Message.Contains("3"));
    }

    [Test]
    public void Step_OnTwoThreads_DoesNotAllocate()
    {
        using var vector = new VectorEnvironment(() => new CountingEnvironment(), 8, 2);
        float[] actions = NeutralActions(vector);
        vector.Reset(1);
        Play(200);

        // The test runner's own threads allocate now and then; what a step allocates would be in every measurement.
        Assert.That(Enumerable.Range(0, 5).Min(_ => Allocated(2000)), Is.LessThan(2000), "bytes in 2,000 steps");

        long Allocated(int steps)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            Play(steps);
            return GC.GetTotalAllocatedBytes(precise: true) - before;
        }

        void Play(int steps)
        {
            for (int i = 0; i < steps; i++)
            {
                VectorTrace.SampleActions(vector, i, actions);
                vector.Step(actions);
            }
        }
    }

    [Test]
    public void ForEachSlice_CoversEveryEnvironmentOnce()
    {
        using var vector = new VectorEnvironment(() => new CountingEnvironment(), 11, 3);
        var visits = new int[11];

        vector.ForEachSlice((first, count) =>
        {
            for (int e = first; e < first + count; e++)
                Interlocked.Increment(ref visits[e]);
        });

        Assert.That(visits, Is.All.EqualTo(1));
    }

    [Test]
    public void Dispose_DisposesEveryEnvironment()
    {
        var made = new List<CountingEnvironment>();
        var vector = new VectorEnvironment(() => { made.Add(new CountingEnvironment()); return made[^1]; }, 3, 2);

        vector.Dispose();

        Assert.That(made.Select(e => e.Disposals), Is.EqualTo(new[] { 1, 1, 1 }));
    }

    private static float[] NeutralActions(VectorEnvironment vector) => new float[vector.Count * vector.Spec.Layout.ActionSize];
}
