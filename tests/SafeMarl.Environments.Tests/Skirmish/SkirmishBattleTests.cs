using SafeMarl.Environments.Skirmish;

namespace SafeMarl.Environments.Tests.Skirmish;

public sealed class SkirmishBattleTests
{
    private const float NoOp = 0, Stop = 1, North = 2, East = 4, FirstTarget = 6;

    private SkirmishBattle _battle = null!;
    private StepMemory _memory = null!;

    private UnitStates Units => _battle.Simulation.Units;

    [TearDown]
    public void Dispose() => _battle.Dispose();

    [Test]
    public void Spec_SaysWhatIsSharedAndCharged()
    {
        Begin(SkirmishMap.BuiltIn("2s3z"));

        Assert.Multiple(() =>
        {
            Assert.That(_battle.Spec.Name, Is.EqualTo("Skirmish-2s3z"));
            Assert.That(_battle.Spec.Agents.Select(a => a.Name), Is.EqualTo(new[] { "ally_0", "ally_1", "ally_2", "ally_3", "ally_4" }));
            Assert.That(_battle.Spec.Agents.SelectMany(a => a.Costs).Select(c => c.Name), Is.All.EqualTo("losses"));
            Assert.That((_battle.Spec.SharedReward, _battle.Spec.SharedCosts, _battle.Spec.HasDeviation), Is.EqualTo((true, true, false)));
        });
    }

    [Test]
    public void Step_ThatKillsTheLastEnemy_TerminatesAndIsRewardedForDamageKillAndBattle()
    {
        Begin(SkirmishMap.BuiltIn("3m"));
        (Units.Hp[3], Units.Hp[4], Units.Hp[5]) = (0, 0, 4);
        Field.Put(Units, (10, 16), (10, 17), (10, 18), (20, 16), (20, 17), (13, 16));
        EpisodeStatus status = Step(FirstTarget + 2, Stop, Stop);

        // 4 hit points, 10 for the kill, 200 for the battle; of at most 200 + 3 (10 + 45).
        Assert.That(status, Is.EqualTo(EpisodeStatus.Terminated));
        Assert.That(_battle.GoalReached, Is.True);
        Assert.That(_memory[0].Reward(2), Is.EqualTo(20 * 214 / 365.0).Within(1e-6));
        Assert.That(_memory[0].Cost(0), Is.Zero);
        _battle.Reset(1, _memory[0]);
        Assert.That(_battle.GoalReached, Is.False, "the next battle is not won yet");
    }

    [Test]
    public void Step_InWhichTheLastAllyDies_TerminatesLost()
    {
        Begin(SkirmishMap.BuiltIn("3m"));
        (Units.Hp[0], Units.Hp[1], Units.Hp[2]) = (0, 0, 3);
        Field.Put(Units, (10, 16), (10, 17), (10, 18), (13, 18));
        EpisodeStatus status = Step(NoOp, NoOp, Stop);

        Assert.That(status, Is.EqualTo(EpisodeStatus.Terminated));
        Assert.That(_battle.GoalReached, Is.False);
        Assert.That((_memory[0].Cost(0), _memory[0].Cost(2)), Is.EqualTo((1f, 1f)), "one ally was lost in this step");
        Assert.That(_memory[0].Reward(0), Is.Zero, "damage to allies is no penalty");
    }

    [Test]
    public void Step_AtTheTimeLimit_Truncates()
    {
        Begin(SkirmishMap.BuiltIn("3m"), new SkirmishOptions { EpisodeLength = 2 });

        Assert.That(Step(Stop, Stop, Stop), Is.EqualTo(EpisodeStatus.Running));
        Assert.That(Step(Stop, Stop, Stop), Is.EqualTo(EpisodeStatus.Truncated));
    }

    [Test]
    public void Step_InWhichAnAllyDies_LeavesItOnlyNoOpAndZeros()
    {
        Begin(SkirmishMap.BuiltIn("3m"));
        Units.Hp[1] = 2;
        Field.Put(Units, (5, 16), (10, 17), (5, 18), (14, 17), (30, 16), (30, 17));
        Step(Stop, Stop, Stop);

        Assert.That(_memory[0].Cost(0), Is.EqualTo(1));
        Assert.That(_memory[0].ActionMask(1).ToArray(), Is.EqualTo(new float[] { 1, 0, 0, 0, 0, 0, 0, 0, 0 }));
        Assert.That(_memory[0].Observation(1).ToArray(), Is.All.Zero);
        Assert.That(_memory[0].State[4..8].ToArray(), Is.All.Zero);
        Assert.That(Enumerable.Range(0, 3).Select(_battle.IsLost), Is.EqualTo(new[] { false, true, false }));
        Assert.That(Step(Stop, NoOp, Stop), Is.EqualTo(EpisodeStatus.Running));
        Assert.That(_memory[0].Cost(0), Is.Zero, "a loss is charged once");
    }

    [Test]
    public void Step_WithAnUnavailableAction_NamesAgentActionAndAlternatives()
    {
        Begin(SkirmishMap.BuiltIn("3m"));

        Assert.That(() => Step(Stop, FirstTarget, Stop),
            Throws.TypeOf<InvalidActionException>().With.Message.Contains("'ally_1'").And.Message.Contains("action 6").And.Message.Contains("1, 2, 3, 4, 5"));
    }

    [Test]
    public void Mask_HasOpenMovesAndTargetsWithinSixCells()
    {
        Begin(SkirmishMap.BuiltIn("3m"));
        Field.Put(Units, (31.5, 23.5), (0.5, 8.5), (16, 16), (25.6, 23.5), (25.4, 23.5), (16, 22));

        Assert.That(() => Step(North, Stop, Stop), Throws.TypeOf<InvalidActionException>().With.Message.Contains("available: 1, 3, 5, 6."), "south, west, and the enemy at 5.9");
        Assert.That(() => Step(Stop, East + 1, Stop), Throws.TypeOf<InvalidActionException>().With.Message.Contains("available: 1, 2, 4."), "north and east");
        Assert.That(() => Step(Stop, Stop, NoOp), Throws.TypeOf<InvalidActionException>().With.Message.Contains("available: 1, 2, 3, 4, 5, 8."), "the enemy at 6");
    }

    [Test]
    public void Healer_TargetsAlliesThatAreNoHealers()
    {
        Begin(SkirmishMap.BuiltIn("MMM2"));

        Assert.That(_memory[0].ActionMask(0)[6..].ToArray(), Is.EqualTo(new float[] { 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0 }));
    }

    [TestCase(GameSpeed.SMAClite, 1.575)]
    [TestCase(GameSpeed.StarCraft2, 1.125)]
    public void Move_OfAMarine_GoesAsFarAsTheGameSpeedSays(GameSpeed speed, double distance)
    {
        Begin(SkirmishMap.BuiltIn("3m"), new SkirmishOptions { GameSpeed = speed });
        double before = Units.X[1];
        Step(East, East, East);

        Assert.That(Units.X[1] - before, Is.EqualTo(distance).Within(1e-9));
    }

    [Test]
    public void Observation_OfTheSmallestMap_HasTheLayoutOfSmac()
    {
        Begin(SkirmishMap.BuiltIn("3m"));
        Field.Put(Units, (10, 16), (10, 19), (10, 4.9), (14.5, 16), (16, 21), (20, 16));
        (Units.Hp[0], Units.Hp[1], Units.Hp[3]) = (30, 45, 9);
        var view = new SkirmishView(Units, _battle.Map, 9);
        var observation = new float[view.ObservationSize];
        view.Observe(0, [0, 1, 1, 0, 1, 1, 1, 0, 0], observation);
        float far = (float)(Math.Sqrt(36 + 25) / 9);

        Assert.That(observation, Is.EqualTo(new[]
        {
            1, 0, 1, 1, // moves
            1, 0.5f, 0.5f, 0, 0.2f, 0, far, 6 / 9f, 5 / 9f, 1, 0, 0, 0, 0, 0, // enemies; the third one is out of sight
            1, 3 / 9f, 0, 3 / 9f, 1, 0, 0, 0, 0, 0, // allies; the third one is out of sight
            30 / 45f,
        }).Within(1e-6));
    }

    [Test]
    public void Battle_WithTheSameSeed_IsTheSameAndWithAnotherOneIsNot()
    {
        Begin(SkirmishMap.BuiltIn("8m"));
        double[] first = Play(1), again = Play(1), other = Play(2);

        Assert.That(again, Is.EqualTo(first));
        Assert.That(other, Is.Not.EqualTo(first));
    }

    [TestCase(0)]
    [TestCase(-3)]
    public void Battle_WithAnImpossibleLength_IsRefused(int length)
    {
        Begin(SkirmishMap.BuiltIn("3m"));

        Assert.That(() => new SkirmishBattle(SkirmishMap.BuiltIn("3m"), new SkirmishOptions { EpisodeLength = length }),
            Throws.ArgumentException.With.Message.Contains($"EpisodeLength is {length}"));
    }

    private void Begin(SkirmishMap map, SkirmishOptions? options = null)
    {
        _battle = new SkirmishBattle(map, options);
        _memory = new StepMemory(_battle.Spec, 1);
        _battle.Reset(1, _memory[0]);
    }

    private EpisodeStatus Step(params float[] actions)
    {
        _battle.RefreshMasks();
        return _battle.Step(actions, _memory[0]);
    }

    // Random actions from one stream; the seed only decides the order of turns.
    private double[] Play(long seed)
    {
        var random = new RandomStream(5);
        var actions = new float[_battle.Spec.Agents.Count];
        _battle.Reset(seed, _memory[0]);
        for (int step = 0; step < 30; step++)
        {
            RandomActions.Sample(_battle.Spec, _memory[0], ref random, actions);
            if (_battle.Step(actions, _memory[0]) != EpisodeStatus.Running)
                break;
        }
        return [.. Units.X, .. Units.Hp];
    }
}
