using SafeMarl.Environments.Skirmish;

namespace SafeMarl.Environments.Tests.Skirmish;

public sealed class HealingTests
{
    [Test]
    public void Given_FromAnEmptyPool_BuysThreeHitPointsForOneEnergy()
    {
        double pool = 0, energy = 50;
        double given = Healing.Given(0.5625, ref pool, ref energy);

        Assert.That((given, pool, energy), Is.EqualTo((0.5625, 2.4375, 49.0)));
    }

    [Test]
    public void Given_WithoutEnergy_GivesWhatIsLeftInThePool()
    {
        double pool = 0.25, energy = 0.9;
        double given = Healing.Given(0.5625, ref pool, ref energy);

        Assert.That((given, pool, energy), Is.EqualTo((0.25, 0.0, 0.9)));
    }

    [Test]
    public void Medivac_ForAStep_GivesFourAndAHalfHitPointsForTwoEnergy()
    {
        BattleSimulation battle = Field.Battle(["medivac", "marine"], ["marine"], (10, 20), (12, 20), (39, 20));
        battle.Units.Hp[1] = 30;
        battle.OrderAttack(0, 1);
        battle.Step();

        Assert.That(battle.Units.Hp[1], Is.EqualTo(34.5), "9 a second");
        Assert.That(battle.Units.Energy[0], Is.EqualTo(50 + 0.5 * 0.5625 - 2).Within(1e-12));
        Assert.That(battle.Units.HealPool[0], Is.EqualTo(1.5).Within(1e-12));
    }

    [Test]
    public void Medivac_WithAHealthyPatient_LetsItGo()
    {
        BattleSimulation battle = Field.Battle(["medivac", "marine"], ["marine"], (10, 20), (12, 20), (39, 20));
        battle.OrderAttack(0, 1);
        battle.Step();

        Assert.That(battle.Units.Target[0], Is.EqualTo(UnitStates.None));
        Assert.That(battle.Units.Energy[0], Is.EqualTo(50 + 0.5 * 0.5625).Within(1e-12));
    }

    [TestCase(4.0, 30.0, TestName = "Medivac_WithTooLittleEnergyToBegin_DoesNot")]
    [TestCase(5.0, 34.5, TestName = "Medivac_WithJustEnoughEnergyToBegin_Heals")]
    public void Begin(double energy, double hp)
    {
        BattleSimulation battle = Field.Battle(["medivac", "marine"], ["marine"], (10, 20), (12, 20), (39, 20));
        (battle.Units.Hp[1], battle.Units.Energy[0]) = (30, energy);
        battle.OrderAttack(0, 1);
        battle.Step();

        Assert.That(battle.Units.Hp[1], Is.EqualTo(hp));
    }

    [Test]
    public void Medivac_OfTheEnemy_ChoosesTheWeakestNearbyAndKeepsPace()
    {
        BattleSimulation battle = Field.Battle(["marine"], ["medivac", "marine", "marauder"], (1, 1), (30, 20), (32, 20), (33, 20));
        (battle.Units.Hp[2], battle.Units.Hp[3]) = (40, 39);
        Targeting.Refresh(battle.Units);
        Targeting.Choose(battle.Units);

        Assert.That(battle.Units.Target[1], Is.EqualTo(3), "the marauder has fewer hit points");
        Assert.That(battle.Units.Pace[1], Is.EqualTo(3.15), "not its own 3.5");
    }
}
