namespace SafeMarl.Environments.Skirmish;

/// <summary>Where units would walk if nothing were in their way, and who stands and acts instead.</summary>
internal static class Steering
{
    /// <summary>Sets preferred velocities and who is attacking.</summary>
    public static void Prefer(UnitStates units)
    {
        for (int unit = 0; unit < units.Count; unit++)
        {
            if (!units.IsAlive(unit))
                continue;
            int aim = units.Aim(unit);
            bool attacks = units.IsAttacking[unit] = aim >= 0 && units.CanReachPlane(unit, aim) && units.IsWithinReach(unit, aim);
            Vector2D velocity = attacks ? default
                : aim >= 0 ? Towards(units.Position(unit), units.Position(aim), units.Pace[unit])
                : units.Orders[unit] is Order.Move or Order.AttackMove ? Towards(units.Position(unit), new Vector2D(units.GoalX[unit], units.GoalY[unit]), units.Pace[unit])
                : default;
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
