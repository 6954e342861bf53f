using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.Environments.Games;
using SafeMarl.Environments.Mujoco;
using SafeMarl.Environments.SafeMujoco;
using SafeMarl.Environments.Skirmish;
using SafeMarl.ML.Tests.Support;
using SafeMarl.ML.Training;

namespace SafeMarl.ML.Tests.Training;

/// <summary>A cost that counts lost agents, added to tasks that say which are.</summary>
public sealed class LostAgentsCostTests
{
    [TestCase(false)]
    [TestCase(true)]
    public void Step_ReportsALossInItsStepOnly_ByAgentOrForAllWhereCostsAreShared(bool shared)
    {
        using IMultiAgentEnvironment task = LostAgentsCost.AddTo(() => new Expedition(shared), "lost")();
        var memory = new StepMemory(task.Spec, 1);
        long seed = Enumerable.Range(1, 100).First(s => Expedition.LossesOf(s) == 2);
        for (int episode = 0; episode < 2; episode++)
        {
            task.Reset(seed, memory[0]);
            Assert.That(memory[0].Observation(2)[0], Is.EqualTo(2f), "what agents see comes through");
            for (int step = 1; step <= 3; step++)
            {
                task.Step(new float[3], memory[0]);
                float[] expected = step != 2 ? [0, 0, 0] : shared ? [2, 2, 2] : [1, 1, 0];
                Assert.That(new[] { memory[0].Cost(0, 2), memory[0].Cost(1, 2), memory[0].Cost(2, 2) }, Is.EqualTo(expected), $"step {step}");
                Assert.That((memory[0].Cost(0, 0), memory[0].Cost(0, 1)), Is.EqualTo((0.5f, 0f)), "the task's own costs");
            }
        }
    }

    [Test]
    public void AddTo_ATaskWithSharedCosts_Individually_SaysWhichAgentWasLost()
    {
        using IMultiAgentEnvironment task = LostAgentsCost.AddTo(() => new Expedition(sharedCosts: true), "lost", individually: true)();
        var memory = new StepMemory(task.Spec, 1);
        task.Reset(Enumerable.Range(1, 100).First(s => Expedition.LossesOf(s) == 2), memory[0]);
        task.Step(new float[3], memory[0]);
        task.Step(new float[3], memory[0]);

        Assert.That(new[] { memory[0].Cost(0, 2), memory[0].Cost(1, 2), memory[0].Cost(2, 2) }, Is.EqualTo(new float[] { 1, 1, 0 }));
    }

    [Test]
    public void AddTo_ATaskThatCountsLossesItself_CountsTheSame()
    {
        using IMultiAgentEnvironment task = LostAgentsCost.AddTo(Battle, "lost")();
        var memory = new StepMemory(task.Spec, 1);
        var random = new RandomStream(1);
        var action = new float[task.Spec.Layout.ActionSize];
        float total = 0;
        for (int episode = 0; episode < 3; episode++)
        {
            task.Reset(episode, memory[0]);
            EpisodeStatus status = EpisodeStatus.Running;
            while (status == EpisodeStatus.Running)
            {
                RandomActions.Sample(task.Spec, memory[0], ref random, action);
                status = task.Step(action, memory[0]);
                Assert.That(memory[0].Cost(0, 1), Is.EqualTo(memory[0].Cost(0, 0)));
                total += memory[0].Cost(0, 1);
            }
        }
        Assert.That(total, Is.GreaterThan(3), "units died");
    }

    [Test]
    public void AddTo_ATask_KeepsTheContractAndWhatElseItCan()
    {
        EnvironmentReport battle = EnvironmentChecker.Check(LostAgentsCost.AddTo(Battle, "lost")), ant = EnvironmentChecker.Check(LostAgentsCost.AddTo(() => new SafeAnt(AgentPartition.Parse("4x2")), "lost"));

        Assert.That(battle.Passed, Is.True, battle.ToString());
        Assert.That(ant.Passed, Is.True, ant.ToString());
        using IMultiAgentEnvironment restorable = LostAgentsCost.AddTo(Battle, "lost")(), other = LostAgentsCost.AddTo(() => new Expedition(), "lost")();
        Assert.That((restorable is IRestorableEnvironment, other is IRestorableEnvironment), Is.EqualTo((true, false)));
    }

    [Test]
    public void AddTo_WhereThereIsNothingToAdd_GivesTheTaskItself()
    {
        using IMultiAgentEnvironment counts = LostAgentsCost.AddTo(Battle, "losses")(), knowsNone = LostAgentsCost.AddTo(() => new ConstrainedMatrixGame(), "losses")();

        Assert.That(counts, Is.TypeOf<SkirmishBattle>());
        Assert.That(knowsNone, Is.TypeOf<ConstrainedMatrixGame>());
    }

    [Test]
    public void Fit_WithABarrierOfLostAgents_LearnsWhatItLearnsFromTheTasksOwnCost()
    {
        byte[] own = Train("losses"), added = Train("lost");

        Assert.That(added, Is.EqualTo(own));
    }

    private static byte[] Train(string channel)
    {
        var options = new QbfOptions
        {
            TotalSteps = 400, Seed = 1, Environments = 2, RolloutSteps = 50, BatchEpisodes = 2, BarrierEpisodes = 2, ReplayEpisodes = 8, HiddenSize = 8, MixingSize = 4, HypernetSize = 4, LossThreshold = 0, LossChannel = channel,
        };
        using var folder = new TemporaryFolder();
        new MLContext(1).SafeMarl().Trainers.Qbf(options).Fit(Battle).Policy.Save(folder["policy.safetensors"]);
        return File.ReadAllBytes(folder["policy.safetensors"]);
    }

    private static SkirmishBattle Battle() => new(SkirmishMap.BuiltIn("3m"));
}
