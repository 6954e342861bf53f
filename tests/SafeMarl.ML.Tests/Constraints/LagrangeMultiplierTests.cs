using SafeMarl.ML.Constraints;

namespace SafeMarl.ML.Tests.Constraints;

public sealed class LagrangeMultiplierTests
{
    [Test]
    public void Update_WithGains_AddsExcessAndRiseToTheIntegral()
    {
        var multiplier = new LagrangeMultiplier(initial: 1, rate: 0.1, max: 10, limit: 5, proportionalGain: 0.5, derivativeGain: 0.2);
        multiplier.Update(7);
        double first = multiplier.Value; // integral 1 + 0.1 * 2, proportional 0.5 * 2, nothing to compare with yet
        multiplier.Update(8);
        double second = multiplier.Value; // integral 1.2 + 0.1 * 3, proportional 0.5 * 3, derivative 0.2 * 1
        multiplier.Update(4);
        double third = multiplier.Value; // integral 1.5 - 0.1, proportional -0.5, a fall counts nothing

        Assert.That(new[] { first, second, third }, Is.EqualTo(new[] { 2.2, 3.2, 0.9 }).Within(1e-12));
    }

    [Test]
    public void Update_FarOverTheLimit_DoesNotWindTheIntegralUpBeyondTheBound()
    {
        var multiplier = new LagrangeMultiplier(initial: 0, rate: 1, max: 2, limit: 0);
        multiplier.Update(100);
        bool saturated = multiplier.IsSaturated;
        multiplier.Update(-1);

        Assert.That((saturated, multiplier.Value, multiplier.IsSaturated), Is.EqualTo((true, 1.0, false)));
    }

    [Test]
    public void State_GivenToAnother_MakesItGoOnAlike()
    {
        LagrangeMultiplier Make() => new(initial: 0.3, rate: 0.1, max: 10, limit: 5, proportionalGain: 0.5, derivativeGain: 0.2);
        LagrangeMultiplier one = Make(), other = Make();
        one.Update(7);
        other.State = one.State;
        one.Update(9);
        other.Update(9);

        Assert.That(other.Value, Is.EqualTo(one.Value));
    }
}
