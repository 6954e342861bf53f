using SafeMarl.Environments.Skirmish;

namespace SafeMarl.Environments.Tests.Skirmish;

public sealed class AvoidanceTests
{
    private const double Radius = 0.5, Tick = 1.0 / 16;

    [Test]
    public void Allowed_AheadOfAnother_KeepsHalfOfTheDistanceToTheObstacle()
    {
        // The velocity obstacle of a unit 4 ahead with radii of 1 together reaches back to a relative speed of 3; at 3.5 each gives way by a quarter.
        HalfPlane plane = UnitAvoidance.Allowed(new Vector2D(1.75, 0), new Vector2D(4, 0), new Vector2D(3.5, 0), 1, horizon: 1, Tick, share: 0.5, default);

        Assert.That(plane, Is.EqualTo(new HalfPlane(new Vector2D(1.5, 0), new Vector2D(0, 1))));
    }

    [Test]
    public void Allowed_BesideAnother_IsTheTangentOfTheCone()
    {
        // From 2 away past a disc of radius 1 the tangent rises by 30 degrees.
        HalfPlane plane = UnitAvoidance.Allowed(new Vector2D(3, 0.5), new Vector2D(2, 0), new Vector2D(3, 0.5), 1, horizon: 1, Tick, share: 1, default);

        Assert.That(plane.Direction.X, Is.EqualTo(Math.Sqrt(3) / 2).Within(1e-12));
        Assert.That(plane.Direction.Y, Is.EqualTo(0.5).Within(1e-12));
        Assert.That(plane.Violation(default), Is.EqualTo(0).Within(1e-12), "it passes through the apex");
    }

    [Test]
    public void Allowed_WhenOverlapping_SeparatesWithinATick()
    {
        // 0.8 apart instead of 1: each moves 0.1 in 1/16 s.
        HalfPlane plane = UnitAvoidance.Allowed(default, new Vector2D(0.8, 0), default, 1, horizon: 1, Tick, share: 0.5, default);

        Assert.That(plane.Point.X, Is.EqualTo(-1.6).Within(1e-12));
    }

    [Test]
    public void Units_ThatMeetHeadOn_PassWithoutTouching()
    {
        Vector2D left = new(-3, 0.01), right = new(3, -0.01), leftVelocity = default, rightVelocity = default;
        double nearest = double.PositiveInfinity;
        for (int tick = 0; tick < 400; tick++)
        {
            Vector2D newLeft = Around(left, right, leftVelocity, rightVelocity, new Vector2D(1, 0));
            Vector2D newRight = Around(right, left, rightVelocity, leftVelocity, new Vector2D(-1, 0));
            (leftVelocity, rightVelocity) = (newLeft, newRight);
            (left, right) = (left + Tick * leftVelocity, right + Tick * rightVelocity);
            nearest = Math.Min(nearest, (right - left).Length);
        }

        Assert.That(nearest, Is.InRange(2 * Radius - 1e-9, 2 * Radius + 0.1));
        Assert.That(left.X, Is.GreaterThan(3), "they have changed sides");
        Assert.That(right.X, Is.LessThan(-3));
    }

    [Test]
    public void MovingUnit_AtAStandingOne_TakesAllOfTheAvoidance()
    {
        // Units see each other when they touch, so a walker may be one tick of its way too near.
        BattleSimulation battle = Field.Battle(["zealot", "zealot"], ["marine"], (10, 20), (11.1, 20.2), (39, 39));
        for (int step = 0; step < 4; step++)
        {
            battle.OrderMove(0, 2);
            battle.OrderStop(1);
            battle.Step();
            Assert.That((battle.Units.X[1], battle.Units.Y[1]), Is.EqualTo((11.1, 20.2)), "it is not pushed");
            Assert.That(battle.Units.Distance(0, 1), Is.GreaterThanOrEqualTo(1 - 3.15 / 16));
        }
        Assert.That(battle.Units.X[0], Is.GreaterThan(12), "it has gone around");
    }

    private static Vector2D Around(Vector2D position, Vector2D other, Vector2D velocity, Vector2D otherVelocity, Vector2D preferred)
    {
        HalfPlane plane = UnitAvoidance.Allowed(velocity, other - position, velocity - otherVelocity, 2 * Radius, horizon: 1, Tick, share: 0.5, default);
        return VelocityProgram.Solve([plane], 0, 1, preferred, new HalfPlane[1]);
    }
}
