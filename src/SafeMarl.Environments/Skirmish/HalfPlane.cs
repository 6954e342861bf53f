namespace SafeMarl.Environments.Skirmish;

/// <summary>Velocities on the left of a directed line.</summary>
/// <param name="Point">A point of the line.</param>
/// <param name="Direction">Its direction, of length 1.</param>
internal readonly record struct HalfPlane(Vector2D Point, Vector2D Direction)
{
    /// <summary>How far a velocity lies outside; negative inside.</summary>
    public double Violation(Vector2D velocity) => Vector2D.Det(Direction, Point - velocity);
}
