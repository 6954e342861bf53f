namespace SafeMarl.Environments.Skirmish;

/// <summary>Where units would walk if nothing were in their way, and who stands and acts instead.</summary>
internal static class Steering
{
    /// <summary>Sets preferred velocities and who is attacking.</summary>
    /// <param name="units">The units.</param>
    /// <param name="paths">Ways around walls for ground units; null: everybody walks straight, as in SMAClite.</param>
    public static void Prefer(UnitStates units, Pathfinder? paths)
    {
        for (int unit = 0; unit < units.Count; unit++)
        {
            if (!units.IsAlive(unit))
                continue;
            int aim = units.Aim(unit);
            bool attacks = units.IsAttacking[unit] = aim >= 0 && units.CanReachPlane(unit, aim) && units.IsWithinReach(unit, aim);
            Vector2D velocity = default;
            if (!attacks && (aim >= 0 || units.Orders[unit] is UnitOrder.Move or UnitOrder.AttackMove))
            {
                Vector2D position = units.Position(unit), goal = aim >= 0 ? units.Position(aim) : new Vector2D(units.GoalX[unit], units.GoalY[unit]);
                bool seeksWay = paths is not null && !units.IsAir[unit] && units.Orders[unit] != UnitOrder.Move;
                velocity = Towards(position, seeksWay ? paths!.Waypoint(position, goal) : goal, units.Pace[unit]);
            }
            (units.PreferredX[unit], units.PreferredY[unit]) = (velocity.X, velocity.Y);
        }
    }

    private static Vector2D Towards(Vector2D from, Vector2D to, double speed)
    {
        Vector2D way = to - from;
        double length = way.Length;
        return length > 0 ? speed / length * way : default;
    }
}
