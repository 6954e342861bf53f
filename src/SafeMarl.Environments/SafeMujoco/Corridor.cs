namespace SafeMarl.Environments.SafeMujoco;

/// <summary>
/// The folded corridor of the ant tasks: a centre line that turns by 60 degrees at x = 20, 60 and ends at 100, and a wall on either side of it.
/// Distances are measured along y, as published.
/// </summary>
internal static class Corridor
{
    private static readonly double Slope = Math.Tan(Math.PI / 6);

    /// <summary>y of the centre line at x.</summary>
    public static double CenterLine(double x) => x switch
    {
        < 20 => Slope * x,
        > 20 and < 60 => -Slope * (x - 40),
        > 60 and < 100 => Slope * (x - 80),
        _ => 20 * Slope,
    };

    /// <summary>Distance along y to the nearer wall, <paramref name="halfWidth"/> from the centre line.</summary>
    public static double DistanceToWall(double x, double y, double halfWidth) => Math.Abs(Math.Abs(y - CenterLine(x)) - halfWidth);
}
