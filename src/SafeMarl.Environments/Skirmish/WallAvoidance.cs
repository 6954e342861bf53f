namespace SafeMarl.Environments.Skirmish;

/// <summary>
/// Velocities with which a unit does not hit a wall within the horizon: the half-plane that touches the wall's velocity obstacle (the wall
/// widened by the unit's radius, scaled down by the horizon, and the shadow behind it) where it is nearest to the present velocity.
/// </summary>
internal static class WallAvoidance
{
    private const double CoveredTolerance = 1e-5;

    /// <summary>Finds the half-plane; false when the wall asks for nothing that its neighbours do not ask for.</summary>
    /// <param name="wall">The wall; it faces the unit.</param>
    /// <param name="position">The unit's position.</param>
    /// <param name="velocity">The unit's velocity.</param>
    /// <param name="radius">The unit's radius.</param>
    /// <param name="horizon">Time without collision that is asked for, s.</param>
    /// <param name="allowed">The half-plane.</param>
    public static bool TryAllow(in Wall wall, Vector2D position, Vector2D velocity, double radius, double horizon, out HalfPlane allowed)
    {
        Vector2D start = wall.Start - position, end = wall.End - position;
        double along = -Vector2D.Dot(start, wall.Direction), radiusSquared = radius * radius;
        bool beforeStart = along < 0, beyondEnd = along > wall.Length, inLine = (start + along * wall.Direction).LengthSquared <= radiusSquared;

        if (beforeStart && start.LengthSquared <= radiusSquared)
            return Touching(wall.StartIsConvex, start, out allowed);
        if (beyondEnd && end.LengthSquared <= radiusSquared) // seen from behind the next wall, the corner is that wall's business
            return Touching(wall.EndIsConvex && Vector2D.Det(end, wall.After) >= 0, end, out allowed);
        if (inLine && !beforeStart && !beyondEnd)
        {
            allowed = new HalfPlane(default, -wall.Direction);
            return true;
        }
        if (inLine && beforeStart) // along its line only the nearer end is seen
            return wall.StartIsConvex ? AroundCorner(start, wall.Before, wall.Direction, velocity, radius, horizon, out allowed) : None(out allowed);
        if (inLine && beyondEnd)
            return wall.EndIsConvex ? AroundCorner(end, wall.Direction, wall.After, velocity, radius, horizon, out allowed) : None(out allowed);
        return AroundWall(wall, start, end, velocity, radius, horizon, out allowed);
    }

    /// <summary>Whether a half-plane that is there already keeps a unit off the whole wall.</summary>
    public static bool Covers(in HalfPlane plane, in Wall wall, Vector2D position, double radius, double horizon) =>
        IsCovered(plane, wall.Start - position, radius, horizon) && IsCovered(plane, wall.End - position, radius, horizon);

    private static bool IsCovered(in HalfPlane plane, Vector2D point, double radius, double horizon) =>
        Vector2D.Det(1 / horizon * point - plane.Point, plane.Direction) - radius / horizon >= -CoveredTolerance;

    private static bool None(out HalfPlane allowed)
    {
        allowed = default;
        return false;
    }

    private static bool Touching(bool counts, Vector2D corner, out HalfPlane allowed)
    {
        if (!counts || corner.LengthSquared == 0)
            return None(out allowed);
        allowed = new HalfPlane(default, 1 / corner.Length * new Vector2D(-corner.Y, corner.X));
        return true;
    }

    private static bool AroundCorner(Vector2D corner, Vector2D before, Vector2D after, Vector2D velocity, double radius, double horizon, out HalfPlane allowed)
    {
        Leg left = Leg.Left(corner, radius, before), right = Leg.Right(corner, radius, after);
        Vector2D centre = 1 / horizon * corner, w = velocity - centre;
        double alongLeft = Vector2D.Dot(w, left.Direction), alongRight = Vector2D.Dot(w, right.Direction);
        if (alongLeft < 0 && alongRight < 0)
            return OffDisc(centre, w, radius / horizon, out allowed);
        return OffLegs(left, right, centre, centre, velocity, double.PositiveInfinity, default, radius / horizon, out allowed);
    }

    private static bool AroundWall(in Wall wall, Vector2D start, Vector2D end, Vector2D velocity, double radius, double horizon, out HalfPlane allowed)
    {
        Leg left = wall.StartIsConvex ? Leg.Left(start, radius, wall.Before) : new Leg(-wall.Direction, false);
        Leg right = wall.EndIsConvex ? Leg.Right(end, radius, wall.After) : new Leg(wall.Direction, false);
        Vector2D first = 1 / horizon * start, last = 1 / horizon * end;
        double along = Vector2D.Dot(velocity - first, wall.Direction), length = wall.Length / horizon;
        if (along < 0 && Vector2D.Dot(velocity - first, left.Direction) < 0)
            return OffDisc(first, velocity - first, radius / horizon, out allowed);
        if (along > length && Vector2D.Dot(velocity - last, right.Direction) < 0)
            return OffDisc(last, velocity - last, radius / horizon, out allowed);
        double toFront = along < 0 || along > length ? double.PositiveInfinity : (velocity - first - along * wall.Direction).LengthSquared;
        return OffLegs(left, right, first, last, velocity, toFront, wall.Direction, radius / horizon, out allowed);
    }

    // The nearest of the front and the two legs. A leg that lies along the next wall is that wall's business.
    private static bool OffLegs(
        Leg left, Leg right, Vector2D first, Vector2D last, Vector2D velocity, double toFront, Vector2D front, double margin, out HalfPlane allowed)
    {
        double toLeft = DistanceSquared(left, first, velocity), toRight = DistanceSquared(right, last, velocity);
        if (toFront <= toLeft && toFront <= toRight)
            return Beside(first, -front, margin, out allowed);
        if (toLeft <= toRight)
            return left.IsForeign ? None(out allowed) : Beside(first, left.Direction, margin, out allowed);
        return right.IsForeign ? None(out allowed) : Beside(last, -right.Direction, margin, out allowed);
    }

    private static double DistanceSquared(Leg leg, Vector2D from, Vector2D velocity)
    {
        double along = Vector2D.Dot(velocity - from, leg.Direction);
        return along < 0 ? double.PositiveInfinity : (velocity - from - along * leg.Direction).LengthSquared;
    }

    private static bool Beside(Vector2D point, Vector2D direction, double margin, out HalfPlane allowed)
    {
        allowed = new HalfPlane(point + margin * new Vector2D(-direction.Y, direction.X), direction);
        return true;
    }

    private static bool OffDisc(Vector2D centre, Vector2D fromCentre, double radius, out HalfPlane allowed)
    {
        if (fromCentre.LengthSquared == 0)
            return None(out allowed);
        Vector2D outward = 1 / fromCentre.Length * fromCentre;
        allowed = new HalfPlane(centre + radius * outward, new Vector2D(outward.Y, -outward.X));
        return true;
    }

    /// <summary>A side of the shadow behind a wall; foreign when the next wall lies within that shadow and bounds it instead.</summary>
    private readonly record struct Leg(Vector2D Direction, bool IsForeign)
    {
        public static Leg Left(Vector2D corner, double radius, Vector2D before)
        {
            Vector2D tangent = Tangent(corner, radius);
            return Vector2D.Det(tangent, -before) >= 0 ? new Leg(-before, true) : new Leg(tangent, false);
        }

        public static Leg Right(Vector2D corner, double radius, Vector2D after)
        {
            Vector2D tangent = Tangent(corner, -radius);
            return Vector2D.Det(tangent, after) <= 0 ? new Leg(after, true) : new Leg(tangent, false);
        }

        // From the origin past a disc around the corner, on the left of it for a positive radius.
        private static Vector2D Tangent(Vector2D corner, double radius)
        {
            double distanceSquared = corner.LengthSquared, leg = Math.Sqrt(distanceSquared - radius * radius);
            return 1 / distanceSquared * new Vector2D(corner.X * leg - corner.Y * radius, corner.X * radius + corner.Y * leg);
        }
    }
}
