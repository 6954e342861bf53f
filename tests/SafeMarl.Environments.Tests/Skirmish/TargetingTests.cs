using SafeMarl.Environments.Skirmish;

namespace SafeMarl.Environments.Tests.Skirmish;

public sealed class TargetingTests
{
    [Test]
    public void Enemy_WithSeveralInSight_TakesTheNearest() => Assert.That(Chosen(["marine", "marine"], "marine", (10, 20), (11, 20), (15, 20)), Is.EqualTo(1));

    [Test]
    public void Enemy_ThatSeesAHealer_TakesItFirst() => Assert.That(Chosen(["marine", "medivac"], "marine", (14, 20), (11, 20), (15, 20)), Is.EqualTo(1));

    [Test]
    public void Enemy_ThatCannotHitAir_LeavesTheHealer() => Assert.That(Chosen(["marine", "medivac"], "zealot", (14, 20), (14.5, 20), (15, 20)), Is.EqualTo(0));

    [TestCase(9.7, 0, TestName = "Enemy_WithARimInScanRange_SeesIt")]
    [TestCase(9.6, UnitStates.None, TestName = "Enemy_WithEverybodyBeyondScanRange_SeesNobody")]
    public void ScanRange(double x, int target) => Assert.That(Chosen(["marine"], "marine", (x, 20), (15, 20)), Is.EqualTo(target), "5 and the radius of 0.375");

    [Test]
    public void Enemy_ThatIsShotFromAfar_TurnsOnTheShooter()
    {
        BattleSimulation battle = Field.Battle(["stalker"], ["zealot"], (10, 20), (17, 20));
        battle.OrderAttack(0, 1);
        Decide(battle);

        Assert.That(battle.Units.Target[1], Is.EqualTo(0));
    }

    [Test]
    public void Enemy_WhoseTargetLeaves_LetsItGoUnlessItFightsBack()
    {
        BattleSimulation battle = Field.Battle(["marine"], ["marine"], (10, 20), (12, 20));
        Decide(battle);
        Assert.That(battle.Units.Target[1], Is.EqualTo(0));

        battle.Units.X[0] = 5;
        Decide(battle);
        Assert.That(battle.Units.Target[1], Is.EqualTo(UnitStates.None), "out of reach");

        battle.Units.X[0] = 10;
        Decide(battle);
        battle.Units.X[0] = 5;
        battle.OrderAttack(0, 1);
        Decide(battle);
        Assert.That(battle.Units.Target[1], Is.EqualTo(0), "it targets this unit");
    }

    [Test]
    public void Enemy_WhileAHealerLives_TurnsToWhoeverComesNearer()
    {
        Assert.That(AfterApproach("medivac"), Is.EqualTo(1));
        Assert.That(AfterApproach("marine"), Is.EqualTo(0));

        static int AfterApproach(string third)
        {
            BattleSimulation battle = Field.Battle(["marine", "marine", third], ["marine"], (11, 20), (5, 20), (1, 1), (15, 20));
            Decide(battle);
            battle.Units.X[1] = 13;
            Decide(battle);
            return battle.Units.Target[3];
        }
    }

    [Test]
    public void Unit_OrderedToAttackSomebodyWhoDies_ShootsTheCorpseUntilTheStepIsOver()
    {
        BattleSimulation battle = Field.Battle(["marine", "marine"], ["marine", "marine"], (10, 20), (10, 21), (14, 20), (39, 39));
        battle.Units.Hp[2] = 1;
        battle.OrderAttack(0, 2);
        battle.OrderAttack(1, 2);
        battle.Step();

        Assert.That(battle.Units.IsAlive(2), Is.False);
        Assert.That(battle.Units.Cooldown[1], Is.EqualTo(0.61 - 7.0 / 16).Within(1e-12), "the second marine fired in the first tick as well");
        Assert.That(battle.Tally.Reward, Is.EqualTo(11), "one hit point and the kill");
    }

    private static int Chosen(string[] allies, string enemy, params (double X, double Y)[] at)
    {
        BattleSimulation battle = Field.Battle(allies, [enemy], at);
        Decide(battle);
        return battle.Units.Target[allies.Length];
    }

    private static void Decide(BattleSimulation battle)
    {
        Targeting.Refresh(battle.Units);
        Targeting.Choose(battle.Units);
    }
}
