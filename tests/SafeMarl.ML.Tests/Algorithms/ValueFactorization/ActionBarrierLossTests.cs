using SafeMarl.Environments;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Algorithms.ValueFactorization;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Algorithms.ValueFactorization;

public sealed class ActionBarrierLossTests
{
    [Test]
    public void Labels_OfAnAgentThatIsLostAndOneThatIsNot_AreDangerousBeforeTheLossAndNothingAfterIt()
    {
        (EpisodeBatch batch, ActionBarrierLoss loss) = Create();
        (float[] dangerous, float[] safe) = loss.Labels(batch); // [5, 1, 2]

        Assert.That(dangerous, Is.EqualTo(new float[] { 0, 0, 0, 0, 1, 0, 1, 0, 0, 0 }));
        Assert.That(safe, Is.EqualTo(new float[] { 1, 1, 1, 1, 0, 1, 0, 1, 0, 1 }));
    }

    [Test]
    public void Of_KnownBarriers_IsWorkedOutByHand()
    {
        // The first agent's barriers by step: 0.5, 0.4, 0.2, -0.3, (lost); the second one's: 0.1 throughout, but -0.2 in step 2.
        // Dangerous (margin 0.1): 0.2 + 0.1 and 0, in the mean 0.15. Safe: 7 steps, of which one is 0.2 too low: 0.2 / 7.
        // From step to step (alpha 0.5): dangerous 0.2 -> -0.3: 0.1 + 0.3 + 0.1 = 0.5. Safe, first agent: 0.25 - 0.4 and 0.2 - 0.2: 0; second: 0, 0.05 + 0.2 = 0.25, -0.1 - 0.1 = 0, 0. In the mean 0.25 / 6.
        using var scope = NewDisposeScope();
        (EpisodeBatch batch, ActionBarrierLoss loss) = Create();
        var sequences = new TeamSequences(batch, GoldenNetworks.Double, new SequenceMemory());
        double[] chosen = [0.5, 0.1, 0.4, 0.1, 0.2, -0.2, -0.3, 0.1, 9, 0.1, 9, 9];
        Tensor barriers = GoldenTeams.Shaped([.. chosen.SelectMany(b => new[] { -7, b })], 6, 1, 2, 2); // the second alternative is what they did

        Assert.That(loss.Of(sequences, barriers, []).ToDouble(), Is.EqualTo(2 * 0.15 + 0.2 / 7 + 2 * 0.5 + 0.25 / 6).Within(1e-9));
    }

    [Test]
    public void Labels_OfAnEpisodeThatWasCutOff_LeaveOutWhatIsNotKnown()
    {
        TaskShape task = Task();
        var loss = new ActionBarrierLoss(task, new ActionBarrierSettings(2, 0.5, 0.1, "lost"));
        (float[] dangerous, float[] safe) = loss.Labels(new EpisodeBatch(new TransitionLayout(task), [3], [false])); // [3, 1, 2]

        Assert.That((dangerous.Sum(), safe), Is.EqualTo((0f, new float[] { 1, 1, 1, 1, 0, 0 })));
    }

    [Test]
    public void Create_WithACostThatAllShare_SaysThatNobodyKnowsWhoWasLost() => Assert.That(
        () => new ActionBarrierLoss(Task() with { SharedCosts = true }, new ActionBarrierSettings(2, 0.5, 0.1, "lost")), Throws.TypeOf<InvalidOptionsException>().With.Message.Contains("'lost'").And.Message.Contains("share"));

    [Test]
    public void Create_WithoutTheCost_SaysWhichThereAre() => Assert.That(
        () => new ActionBarrierLoss(Task(), new ActionBarrierSettings(2, 0.5, 0.1, "deaths")), Throws.TypeOf<InvalidOptionsException>().With.Message.Contains("'deaths'").And.Message.Contains("lost"));

    // Five steps of two agents, of which the first is lost in the fourth.
    private static (EpisodeBatch Batch, ActionBarrierLoss Loss) Create()
    {
        TaskShape task = Task();
        var batch = new EpisodeBatch(new TransitionLayout(task), [5], [true]);
        for (int t = 0; t < 5; t++)
        {
            for (int agent = 0; agent < 2; agent++)
                batch.Record(t, 0)[batch.Layout.Action(agent)][1] = 1;
        }
        batch.Record(3, 0)[batch.Layout.Cost(0, 0)] = 1;
        return (batch, new ActionBarrierLoss(task, new ActionBarrierSettings(2, 0.5, 0.1, "lost")));
    }

    private static TaskShape Task() => new(
        [.. Enumerable.Range(0, 2).Select(i => new AgentShape($"agent_{i}", 1, ActionSpace.Discrete(2), ["lost"], [], []))], 1, HasState: true, SharedReward: true, SharedCosts: false, HasDeviation: false, HasDisturbance: false);
}
