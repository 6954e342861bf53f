namespace SafeMarl.Environments.Skirmish;

/// <summary>
/// The velocity within half-planes and a speed limit that is nearest to a preferred one, by incremental linear programming in the plane
/// (van den Berg et al., "Reciprocal n-body collision avoidance", section 5). Where no velocity meets all half-planes, those of walls are
/// kept and the largest violation of the others is made as small as possible.
/// </summary>
internal static class VelocityProgram
{
    /// <summary>Directions whose determinant is below this count as parallel.</summary>
    private const double ParallelTolerance = 1e-5;

    /// <summary>Solves the program.</summary>
    /// <param name="planes">Half-planes, those of walls first.</param>
    /// <param name="walls">How many of them are walls'.</param>
    /// <param name="maxSpeed">The speed limit.</param>
    /// <param name="preferred">The preferred velocity.</param>
    /// <param name="scratch">Room for as many half-planes.</param>
    public static Vector2D Solve(ReadOnlySpan<HalfPlane> planes, int walls, double maxSpeed, Vector2D preferred, Span<HalfPlane> scratch)
    {
        Vector2D velocity = preferred.LengthSquared > maxSpeed * maxSpeed ? maxSpeed / preferred.Length * preferred : preferred;
        int failed = Nearest(planes, maxSpeed, preferred, ref velocity);
        if (failed < planes.Length)
            LeastViolation(planes, walls, failed, maxSpeed, scratch, ref velocity);
        return velocity;
    }

    /// <summary>Moves <paramref name="velocity"/> to the nearest allowed one; returns the first half-plane that cannot be met, or their number.</summary>
    private static int Nearest(ReadOnlySpan<HalfPlane> planes, double maxSpeed, Vector2D preferred, ref Vector2D velocity)
    {
        for (int i = 0; i < planes.Length; i++)
        {
            if (planes[i].Violation(velocity) <= 0)
                continue;
            if (!AllowedStretch(planes[..i], planes[i], maxSpeed, out double from, out double to))
                return i;
            double along = Vector2D.Dot(planes[i].Direction, preferred - planes[i].Point);
            velocity = planes[i].Point + Math.Clamp(along, from, to) * planes[i].Direction;
        }
        return planes.Length;
    }

    /// <summary>Moves <paramref name="velocity"/> as far as allowed in a direction; false leaves it.</summary>
    private static bool Farthest(ReadOnlySpan<HalfPlane> planes, double maxSpeed, Vector2D direction, ref Vector2D velocity)
    {
        Vector2D best = maxSpeed * direction;
        for (int i = 0; i < planes.Length; i++)
        {
            if (planes[i].Violation(best) <= 0)
                continue;
            if (!AllowedStretch(planes[..i], planes[i], maxSpeed, out double from, out double to))
                return false;
            best = planes[i].Point + (Vector2D.Dot(direction, planes[i].Direction) > 0 ? to : from) * planes[i].Direction;
        }
        velocity = best;
        return true;
    }

    /// <summary>The stretch of a half-plane's line that lies within the speed limit and the earlier half-planes.</summary>
    private static bool AllowedStretch(ReadOnlySpan<HalfPlane> earlier, in HalfPlane line, double maxSpeed, out double from, out double to)
    {
        double along = Vector2D.Dot(line.Point, line.Direction);
        double discriminant = along * along + maxSpeed * maxSpeed - line.Point.LengthSquared;
        double half = Math.Sqrt(Math.Max(0, discriminant));
        (from, to) = (-along - half, -along + half);
        if (discriminant < 0)
            return false;
        foreach (ref readonly HalfPlane other in earlier)
        {
            double denominator = Vector2D.Det(line.Direction, other.Direction), numerator = Vector2D.Det(other.Direction, line.Point - other.Point);
            if (Math.Abs(denominator) <= ParallelTolerance)
            {
                if (numerator < 0)
                    return false;
                continue;
            }
            double crossing = numerator / denominator;
            if (denominator > 0)
                to = Math.Min(to, crossing);
            else
                from = Math.Max(from, crossing);
            if (from > to)
                return false;
        }
        return true;
    }

    /// <summary>
    /// One dimension more: velocity and the largest violation. Each half-plane that is violated more than those before it becomes the tight one,
    /// and against it every other one is the half-plane beyond the bisector of the two lines.
    /// </summary>
    private static void LeastViolation(ReadOnlySpan<HalfPlane> planes, int walls, int first, double maxSpeed, Span<HalfPlane> scratch, ref Vector2D velocity)
    {
        double violation = 0;
        planes[..walls].CopyTo(scratch);
        for (int i = first; i < planes.Length; i++)
        {
            HalfPlane tight = planes[i];
            if (tight.Violation(velocity) <= violation)
                continue;
            int count = walls;
            for (int j = walls; j < i; j++)
            {
                if (Bisector(tight, planes[j], out HalfPlane bisector))
                    scratch[count++] = bisector;
            }
            Farthest(scratch[..count], maxSpeed, new Vector2D(-tight.Direction.Y, tight.Direction.X), ref velocity);
            violation = tight.Violation(velocity);
        }
    }

    /// <summary>Where <paramref name="other"/> is violated no more than <paramref name="tight"/>; false when that is everywhere.</summary>
    private static bool Bisector(in HalfPlane tight, in HalfPlane other, out HalfPlane bisector)
    {
        double determinant = Vector2D.Det(tight.Direction, other.Direction);
        Vector2D point;
        if (Math.Abs(determinant) <= ParallelTolerance)
        {
            if (Vector2D.Dot(tight.Direction, other.Direction) > 0)
            {
                bisector = default;
                return false;
            }
            point = 0.5 * (tight.Point + other.Point);
        }
        else
        {
            point = tight.Point + Vector2D.Det(other.Direction, tight.Point - other.Point) / determinant * tight.Direction;
        }
        Vector2D direction = other.Direction - tight.Direction;
        bisector = new HalfPlane(point, 1 / direction.Length * direction);
        return true;
    }
}
