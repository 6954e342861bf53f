namespace SafeMarl.Environments.Skirmish;

/// <summary>A point or direction in the plane.</summary>
internal readonly record struct Vector2D(double X, double Y)
{
    public double LengthSquared => X * X + Y * Y;

    public double Length => Math.Sqrt(LengthSquared);

    public static Vector2D operator +(Vector2D a, Vector2D b) => new(a.X + b.X, a.Y + b.Y);

    public static Vector2D operator -(Vector2D a, Vector2D b) => new(a.X - b.X, a.Y - b.Y);

    public static Vector2D operator -(Vector2D a) => new(-a.X, -a.Y);

    public static Vector2D operator *(double factor, Vector2D a) => new(factor * a.X, factor * a.Y);

    public static double Dot(Vector2D a, Vector2D b) => a.X * b.X + a.Y * b.Y;

    /// <summary>Positive when b points to the left of a.</summary>
    public static double Det(Vector2D a, Vector2D b) => a.X * b.Y - a.Y * b.X;
}
