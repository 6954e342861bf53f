using SafeMarl.ML.Algorithms.OffPolicy;

namespace SafeMarl.ML.Tests.Algorithms.OffPolicy;

public sealed class PenaltyMultiplierTests
{
    [Test]
    public void Update_ByAscent_MovesByTheRateTimesThePenalty()
    {
        var multiplier = new PenaltyMultiplier(initial: 1, max: 100, byAdam: false);
        multiplier.Update(penalty: 4, rate: 0.5);

        Assert.That(multiplier.Value, Is.EqualTo(3));
    }

    [Test]
    public void Update_BeyondTheBound_StopsThere([Values] bool byAdam)
    {
        var multiplier = new PenaltyMultiplier(initial: 1, max: 2, byAdam);
        for (int i = 0; i < 20; i++)
            multiplier.Update(penalty: 100, rate: 0.5);

        Assert.That(multiplier.Value, Is.EqualTo(2));
    }

    [Test]
    public void Update_ByAdamForAVanishingPenalty_MovesByTheWholeRate()
    {
        var multiplier = new PenaltyMultiplier(initial: 1, max: 100, byAdam: true);
        multiplier.Update(penalty: 1e-4, rate: 0.5);

        Assert.That(multiplier.Value, Is.EqualTo(1.5).Within(1e-3), "which is why plain ascent is the default");
    }

    [Test]
    public void Update_WithoutAPenalty_ChangesNothing()
    {
        var multiplier = new PenaltyMultiplier(initial: 1, max: 100, byAdam: false);
        multiplier.Update(penalty: 0, rate: 0.5);

        Assert.That(multiplier.Value, Is.EqualTo(1));
    }
}
