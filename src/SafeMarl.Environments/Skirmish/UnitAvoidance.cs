namespace SafeMarl.Environments.Skirmish;

/// <summary>Optimal reciprocal collision avoidance between two units (van den Berg et al., section 4).</summary>
internal static class UnitAvoidance
{
    /// <summary>The velocities with which a unit does its share of not colliding with another one.</summary>
    /// <param name="velocity">The unit's velocity.</param>
    /// <param name="relativePosition">From the unit to the other one.</param>
    /// <param name="relativeVelocity">The unit's velocity less the other one's.</param>
    /// <param name="radius">Sum of the two radii.</param>
    /// <param name="horizon">Time without collision that is asked for, s.</param>
    /// <param name="timeStep">Time in which an overlap should be resolved, s.</param>
    /// <param name="share">Share of the avoidance that the unit takes, in (0, 1].</param>
    /// <param name="aside">Where to push a unit that stands exactly where nothing else decides; of length 1.</param>
    public static HalfPlane Allowed(
        Vector2D velocity, Vector2D relativePosition, Vector2D relativeVelocity, double radius, double horizon, double timeStep, double share, Vector2D aside)
    {
        double distanceSquared = relativePosition.LengthSquared, radiusSquared = radius * radius;
        if (distanceSquared <= radiusSquared)
            return OffDisc(velocity, relativeVelocity - 1 / timeStep * relativePosition, radius / timeStep, share, aside);

        // The velocity obstacle is a cone cut off by a disc; w points from the disc's centre to the relative velocity.
        Vector2D w = relativeVelocity - 1 / horizon * relativePosition;
        double ahead = Vector2D.Dot(w, relativePosition);
        if (ahead < 0 && ahead * ahead > radiusSquared * w.LengthSquared)
            return OffDisc(velocity, w, radius / horizon, share, aside);

        double leg = Math.Sqrt(distanceSquared - radiusSquared);
        bool left = Vector2D.Det(relativePosition, w) > 0;
        double turn = left ? radius : -radius;
        Vector2D tangent = 1 / distanceSquared * new Vector2D(relativePosition.X * leg - relativePosition.Y * turn, relativePosition.X * turn + relativePosition.Y * leg);
        Vector2D direction = left ? tangent : -tangent;
        Vector2D change = Vector2D.Dot(relativeVelocity, direction) * direction - relativeVelocity;
        return new HalfPlane(velocity + share * change, direction);
    }

    private static HalfPlane OffDisc(Vector2D velocity, Vector2D fromCentre, double radius, double share, Vector2D aside)
    {
        double length = fromCentre.Length;
        Vector2D outward = length > 0 ? 1 / length * fromCentre : aside;
        return new HalfPlane(velocity + share * (radius - length) * outward, new Vector2D(outward.Y, -outward.X));
    }
}
