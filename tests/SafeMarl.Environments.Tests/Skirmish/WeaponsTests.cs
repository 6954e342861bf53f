using SafeMarl.Environments.Skirmish;

namespace SafeMarl.Environments.Tests.Skirmish;

public sealed class WeaponsTests
{
    [TestCase(6, 0, 0, 45, 6, 0, 39, TestName = "Lose_WithoutShield_TakesHitPoints")]
    [TestCase(13, 1, 80, 80, 13, 67, 80, TestName = "Lose_WithShield_IgnoresArmor")]
    [TestCase(8, 1, 5, 80, 7, 0, 78, TestName = "Lose_BeyondTheShield_TakesTheRestLessArmor")]
    [TestCase(8, 1, 7.5, 80, 7.5, 0, 80, TestName = "Lose_BeyondTheShieldByLessThanArmor_TakesNoHitPoints")]
    [TestCase(20, 1, 0, 3, 3, 0, 0, TestName = "Lose_OfMoreThanIsLeft_CountsWhatWasLeft")]
    public void Lose(double damage, double armor, double shield, double hp, double lost, double shieldLeft, double hpLeft)
    {
        double actual = Weapons.Lose(damage, armor, ref shield, ref hp);

        Assert.That((actual, shield, hp), Is.EqualTo((lost, shieldLeft, hpLeft)));
    }

    [TestCase("marine", "marine", 6.0, TestName = "Attack_OfAMarine_Takes6")]
    [TestCase("stalker", "marauder", 17.0, TestName = "Attack_WithABonus_Takes13Plus5LessArmor")]
    [TestCase("zealot", "marauder", 14.0, TestName = "Attack_OfTwoHits_PaysArmorTwice")]
    [TestCase("marauder", "zealot", 10.0, TestName = "Attack_WithoutItsBonus_Takes10")]
    [TestCase("colossus", "hydralisk", 30.0, TestName = "Attack_OfTwoHitsWithABonus_TakesBothWithIt")]
    [TestCase("spine_crawler", "stalker", 30.0, TestName = "Attack_OfASpineCrawler_Takes25Plus5")]
    public void Attack(string attacker, string victim, double lost)
    {
        BattleSimulation battle = Field.Battle([attacker], [victim], (10, 20), (11.5, 20));
        UnitStates units = battle.Units;
        Weapons.Attack(units, 0, 1, battle.Tally);

        Assert.That(units.Types[1].Hp + units.Types[1].Shield - units.Hp[1] - units.Shield[1], Is.EqualTo(lost));
        Assert.That(battle.Tally.Reward, Is.EqualTo(lost));
    }

    [Test]
    public void Marine_ThatStandsInRange_ShootsEveryTenTicks()
    {
        // A cooldown of 0.61 s is 9.76 ticks. In 3 steps of 8 ticks there are shots in ticks 1, 11 and 21.
        BattleSimulation battle = Field.Battle(["marine"], ["spine_crawler"], (10, 20), (15.8, 20));
        battle.Units.Hp[0] = 1e9;
        int[] ticks = [.. Enumerable.Range(0, 3).SelectMany(step => Shots(battle, step))];

        Assert.That(ticks, Is.EqualTo(new[] { 0, 10, 20 }));
    }

    [Test]
    public void Marine_AtTheSpeedOfStarCraft2_ShootsEveryFourteenTicks()
    {
        var battle = new BattleSimulation(Field.Map(["marine"], ["spine_crawler"]), 1 / 1.4);
        battle.Reset();
        Field.Put(battle.Units, (10, 20), (15.8, 20));
        battle.Units.Hp[0] = 1e9;
        int[] ticks = [.. Enumerable.Range(0, 4).SelectMany(step => Shots(battle, step))];

        Assert.That(ticks, Is.EqualTo(new[] { 0, 14, 28 }));
    }

    [TestCase(5.0, 1.3, 0.375, true, TestName = "Beam_ReachesAlongItsLength")]
    [TestCase(5.4, 0.0, 0.375, true, TestName = "Beam_TouchesARim")]
    [TestCase(5.6, 0.0, 0.375, false, TestName = "Beam_IsNarrowAlongTheLineOfFire")]
    [TestCase(5.5, 1.2, 0.375, true, TestName = "Beam_TouchesARimFromTheSide")]
    [TestCase(5.0, 1.45, 0.375, false, TestName = "Beam_LeavesOutCentresBeyondItsCorners")]
    [TestCase(4.5, -1.2, 0.3, false, TestName = "Beam_MissesASmallUnit")]
    public void Beam(double x, double y, double radius, bool hit) =>
        Assert.That(Weapons.IsInBeam(default, new Vector2D(5, 0), new Vector2D(x, y), radius), Is.EqualTo(hit));

    [Test]
    public void Colossus_HitsEverybodyInTheBeam()
    {
        // Fire from the west: the beam lies north-south through the first zergling.
        BattleSimulation battle = Field.Battle(["colossus"], ["zergling", "zergling", "zergling"], (10, 20), (15, 20), (15, 21), (16, 20));
        Weapons.Attack(battle.Units, 0, 1, battle.Tally);

        Assert.That(battle.Units.Hp[1..], Is.EqualTo(new[] { 5.0, 5, 35 }));
    }

    [Test]
    public void Baneling_DiesAndBurnsOpponentsAroundIt()
    {
        // Radius 2.2 to the rim: a zealot (radius 0.5) at 2.7 is reached, a marine (0.375) at 2.6 is not; allies are spared.
        BattleSimulation battle = Field.Battle(["baneling", "marine"], ["zealot", "marine", "marine"], (10, 20), (10.5, 20), (12.7, 20), (10, 22.6), (9, 20));
        Weapons.Attack(battle.Units, 0, 4, battle.Tally);

        Assert.That(battle.Units.Hp, Is.EqualTo(new[] { 0.0, 45, 71, 45, 0 }), "80 takes 50 of shield and 29 of hit points from the zealot");
        Assert.That(battle.Tally.Reward, Is.EqualTo(79 + 45 + 10));
        Assert.That(battle.Tally.Losses, Is.EqualTo(1));
    }

    [Test]
    public void Baneling_OfTheEnemy_CountsItsHitPointsButNoKill()
    {
        BattleSimulation battle = Field.Battle(["zealot"], ["baneling"], (10, 20), (10.5, 20));
        battle.Units.Hp[1] = 12;
        Weapons.Attack(battle.Units, 1, 0, battle.Tally);

        Assert.That((battle.Tally.Reward, battle.Tally.Losses), Is.EqualTo((12.0, 0)));
    }

    [Test]
    public void Shield_TenSecondsAfterAHit_RecoversTwoASecond()
    {
        BattleSimulation battle = Field.Battle(["zealot"], ["marine"], (10, 20), (14, 20));
        Weapons.Attack(battle.Units, 1, 0, battle.Tally);
        battle.Units.X[1] = 39; // out of sight
        double[] shields = new double[22];
        for (int step = 0; step < shields.Length; step++)
        {
            battle.Units.GoalX[1] = 39;
            battle.Step();
            shields[step] = battle.Units.Shield[0];
        }

        // The delay of 160 ticks runs out in the last tick of step 20, which gives the first 1/8.
        Assert.That(shields[18], Is.EqualTo(44));
        Assert.That(shields[19], Is.EqualTo(44.125));
        Assert.That(shields[20], Is.EqualTo(45.125));
        Assert.That(shields[21], Is.EqualTo(46.125));
    }

    [Test]
    public void Zergling_WhenHurt_RegeneratesSlowly()
    {
        BattleSimulation battle = Field.Battle(["zergling"], ["marine"], (10, 20), (39, 20));
        battle.Units.Hp[0] = 20;
        battle.Step();

        Assert.That(battle.Units.Hp[0], Is.EqualTo(20.19).Within(1e-12), "0.38 a second");
    }

    private static List<int> Shots(BattleSimulation battle, int step)
    {
        var ticks = new List<int>();
        battle.OrderAttack(0, 1);
        int[] order = [0, 1];
        double before = battle.Units.Hp[1];
        battle.OrderOfTick = tick =>
        {
            Look(tick - 1);
            return order;
        };
        battle.Step();
        Look(BattleSimulation.TicksPerStep - 1);
        return ticks;

        void Look(int tick)
        {
            if (battle.Units.Hp[1] < before - 1)
                ticks.Add(step * BattleSimulation.TicksPerStep + tick);
            before = battle.Units.Hp[1];
        }
    }
}
