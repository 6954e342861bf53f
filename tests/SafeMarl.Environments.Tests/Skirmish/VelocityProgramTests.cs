using SafeMarl.Environments.Skirmish;

namespace SafeMarl.Environments.Tests.Skirmish;

public sealed class VelocityProgramTests
{
    private static readonly Vector2D East = new(1, 0), West = new(-1, 0), North = new(0, 1), South = new(0, -1);

    [Test]
    public void Solve_WithoutHalfPlanes_GivesThePreferredVelocityWithinTheSpeedLimit()
    {
        AssertIs(Solve([], 0, new Vector2D(1, 1)), 1, 1);
        AssertIs(Solve([], 0, new Vector2D(6, 8)), 1.2, 1.6);
    }

    [Test]
    public void Solve_WithOneHalfPlane_GoesToItsLine() => AssertIs(Solve([Left(North, 0.5, 0)], 0, new Vector2D(1, 1)), 0.5, 1); // x <= 0.5

    [Test]
    public void Solve_WithTwoHalfPlanes_GoesToTheirCorner() => AssertIs(Solve([Left(North, 0.5, 0), Left(West, 0, 0.25)], 0, new Vector2D(1, 1)), 0.5, 0.25);

    [Test]
    public void Solve_WithALineThatLeavesTheSpeedLimit_StaysOnIt() => AssertIs(Solve([Left(North, 1.2, 0)], 0, new Vector2D(3, 3)), 1.2, 1.6); // 1.2^2 + 1.6^2 = 2^2

    [Test]
    public void Solve_WithContradictions_ViolatesAllAlike() => AssertIs(Solve([Left(North, -1, 0), Left(South, 0.5, 0)], 0, new Vector2D(0, 1)).X, -0.25); // x <= -1, x >= 0.5

    [Test]
    public void Solve_WithAContradictionToAWall_KeepsTheWall()
    {
        Vector2D velocity = Solve([Left(North, -1, 0), Left(South, 0.5, 0)], 1, new Vector2D(0, 1));

        Assert.That(velocity.X, Is.LessThanOrEqualTo(-1 + 1e-9));
    }

    private static HalfPlane Left(Vector2D direction, double x, double y) => new(new Vector2D(x, y), direction);

    private static Vector2D Solve(HalfPlane[] planes, int walls, Vector2D preferred) => VelocityProgram.Solve(planes, walls, 2, preferred, new HalfPlane[planes.Length]);

    private static void AssertIs(Vector2D velocity, double x, double y)
    {
        Assert.That(velocity.X, Is.EqualTo(x).Within(1e-12));
        Assert.That(velocity.Y, Is.EqualTo(y).Within(1e-12));
    }

    private static void AssertIs(double actual, double expected) => Assert.That(actual, Is.EqualTo(expected).Within(1e-12));
}
