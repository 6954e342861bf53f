using SafeMarl.Environments;
using SafeMarl.ML.Buffers;

namespace SafeMarl.ML.Tests.Buffers;

public sealed class EpisodeReplayTests
{
    private const int Capacity = 5;

    [Test]
    public void Sample_GivesDifferentEpisodesWhole_LongestFirst()
    {
        EpisodeReplay replay = With(3, 1, 4, 2);
        var random = new RandomStream(1);
        EpisodeBatch batch = replay.Sample(ref random, 4);

        Assert.Multiple(() =>
        {
            Assert.That(batch.Lengths, Is.EqualTo(new[] { 4, 3, 2, 1 }));
            Assert.That(batch.Terminated, Is.EqualTo(new[] { true, false, true, false }), "even lengths terminated");
            for (int b = 0; b < 4; b++)
                Assert.That(Rewards(batch, b), Is.EqualTo(Enumerable.Range(0, batch.Lengths[b] + 1).Select(t => 10f * batch.Lengths[b] + t)), "every step and the last view");
        });
    }

    [Test]
    public void Sample_ManyTimes_DrawsEveryEpisodeAlike()
    {
        EpisodeReplay replay = With(1, 2, 3, 4, 5);
        var random = new RandomStream(2);
        var counts = new int[6];
        for (int i = 0; i < 3000; i++)
        {
            foreach (int length in replay.Sample(ref random, 2).Lengths)
                counts[length]++;
        }
        Assert.That(counts[1..], Is.All.EqualTo(1200).Within(130), "five standard deviations");
    }

    [Test]
    public void Newest_GivesTheEpisodesThatEndedLast_AlsoOfAFullReplay() =>
        Assert.That(With(1, 2, 3, 4, 5, 6, 7).Newest(3).Lengths, Is.EqualTo(new[] { 7, 6, 5 }));

    [Test]
    public void Sample_OfAFullReplay_HasForgottenTheOldest()
    {
        EpisodeReplay replay = With(1, 2, 3, 4, 5, 6, 7);
        var random = new RandomStream(3);

        Assert.That(replay.Sample(ref random, Capacity).Lengths, Is.EqualTo(new[] { 7, 6, 5, 4, 3 }));
    }

    [Test]
    public void Interrupt_GivesUpTheRunningEpisode()
    {
        EpisodeReplay replay = With(2);
        Play(replay, steps: 3);
        replay.Interrupt();
        Play(replay, steps: 1);
        replay.EndEpisode(0, terminated: false);
        replay.Commit();

        Assert.That(replay.Newest(5).Lengths, Is.EqualTo(new[] { 2, 1 }));
    }

    // Episodes of these lengths, one after the other.
    private static EpisodeReplay With(params int[] lengths)
    {
        var task = new TaskShape(
            [new AgentShape("agent", 1, ActionSpace.Discrete(2), [], [], [])], 1, HasState: true, SharedReward: true, SharedCosts: true, HasDeviation: false, HasDisturbance: false);
        var replay = new EpisodeReplay(task, Capacity, environments: 1, longest: 10);
        foreach (int length in lengths)
        {
            Play(replay, length);
            replay.EndEpisode(0, terminated: length % 2 == 0);
        }
        replay.Commit();
        return replay;
    }

    // Rewards tell which episode and step they are of; the next record is written, too, as a last view is.
    private static void Play(EpisodeReplay replay, int steps)
    {
        for (int t = 0; t <= steps; t++)
        {
            replay.Record(0)[replay.Layout.Reward(0)] = 10f * steps + t;
            if (t < steps)
                replay.EndStep(0);
        }
    }

    private static IEnumerable<float> Rewards(EpisodeBatch batch, int b) => Enumerable.Range(0, batch.Lengths[b] + 1).Select(t => batch.Record(t, b)[batch.Layout.Reward(0)]);
}
