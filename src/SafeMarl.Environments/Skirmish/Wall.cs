namespace SafeMarl.Environments.Skirmish;

/// <summary>
/// A straight piece of the outline of blocked terrain, with the blocked side on its left. It knows how the outline goes on at its ends: a
/// convex end is a corner that units can go around.
/// </summary>
/// <param name="Start">Where it begins.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Direction">From the start to the end, of length 1.</param>
/// <param name="Before">Direction of the piece that ends at its start.</param>
/// <param name="After">Direction of the piece that begins at its end.</param>
internal readonly record struct Wall(Vector2D Start, Vector2D End, Vector2D Direction, Vector2D Before, Vector2D After)
{
    public double Length { get; } = (End - Start).Length;

    public bool StartIsConvex => Vector2D.Det(Before, Direction) >= 0;

    public bool EndIsConvex => Vector2D.Det(Direction, After) >= 0;

    /// <summary>Whether a point lies on the side from which the wall is seen.</summary>
    public bool Faces(Vector2D point) => Vector2D.Det(Direction, point - Start) < 0;

    public double DistanceSquared(Vector2D point)
    {
        double along = Math.Clamp(Vector2D.Dot(Direction, point - Start), 0, Length);
        return (point - Start - along * Direction).LengthSquared;
    }
}
