namespace SafeMarl.Environments.Skirmish;

/// <summary>Who fights or heals whom, decided at the beginning of a tick, unit after unit.</summary>
internal static class Targeting
{
    private const double FarthestSquared = 4e18; // stands for the distance of allies that attack from beyond the scan range: last choice

    /// <summary>Follows orders, and lets go of targets that are dead or out of reach.</summary>
    public static void Refresh(UnitStates units)
    {
        for (int unit = 0; unit < units.Count; unit++)
        {
            if (!units.IsAlive(unit))
                continue;
            int target = units.FormerTarget[unit] = units.Target[unit];
            units.Target[unit] = units.Orders[unit] switch
            {
                UnitOrder.Attack => units.IsAlive(units.OrderTarget[unit]) ? units.OrderTarget[unit] : UnitStates.None,
                UnitOrder.AttackMove => target >= 0 && units.IsAlive(target) && (units.Target[target] == unit || units.IsWithinReach(unit, target)) ? target : UnitStates.None,
                _ => UnitStates.None,
            };
        }
    }

    /// <summary>Lets the enemies choose. Healers of the allies draw fire: while one lives, choices are reconsidered in every tick.</summary>
    public static void Choose(UnitStates units)
    {
        bool healerLives = AnyHealer(units, units.Allies);
        foreach (int unit in units.Enemies)
        {
            if (!units.IsAlive(unit))
                continue;
            int target = units.Target[unit];
            if (units.IsHealer[unit])
                ChoosePatient(units, unit);
            else if (target < 0)
                units.Target[unit] = ChooseOpponent(units, unit, stays: false);
            else if (healerLives && !units.IsHealer[target] && ChooseOpponent(units, unit, stays: true) is >= 0 and int better)
                units.Target[unit] = better;
        }
    }

    // Healers first, then the nearest. Allies that attack the unit count wherever they are, but a unit that has a target stays and takes only those in reach.
    private static int ChooseOpponent(UnitStates units, int unit, bool stays)
    {
        (int best, bool bestHeals, double nearestSquared) = (UnitStates.None, false, 0);
        foreach (int ally in units.Allies)
        {
            if (!units.IsAlive(ally) || !units.CanReachPlane(unit, ally))
                continue;
            double squared = units.DistanceSquared(unit, ally), scan = units.ScanRange[unit] + units.Radius[ally];
            if (squared >= scan * scan)
            {
                if (units.Target[ally] != unit || (stays && !units.IsWithinReach(unit, ally)))
                    continue;
                squared = FarthestSquared;
            }
            bool heals = units.IsHealer[ally];
            if (best < 0 || (heals && !bestHeals) || (heals == bestHeals && squared < nearestSquared))
                (best, bestHeals, nearestSquared) = (ally, heals, squared);
        }
        return best;
    }

    // The weakest of those nearby that are hurt or fight. The healer keeps pace with the slowest nearby.
    private static void ChoosePatient(UnitStates units, int healer)
    {
        if (units.Target[healer] >= 0)
            return;
        int weakest = UnitStates.None;
        double pace = units.Speed[healer], least = 0;
        foreach (int other in units.Enemies)
        {
            if (other == healer || !units.IsAlive(other) || units.IsHealer[other] || !units.CanReachPlane(healer, other)
                || units.Distance(healer, other) >= units.ScanRange[healer] + units.Radius[other])
            {
                continue;
            }
            pace = Math.Min(pace, units.Speed[other]);
            bool needy = units.Hp[other] < units.Types[other].Hp || units.Target[other] >= 0;
            if (needy && (weakest < 0 || units.Hp[other] < least))
                (weakest, least) = (other, units.Hp[other]);
        }
        units.Target[healer] = weakest;
        units.Pace[healer] = pace;
    }

    private static bool AnyHealer(UnitStates units, int[] ids)
    {
        foreach (int unit in ids)
        {
            if (units.IsAlive(unit) && units.IsHealer[unit])
                return true;
        }
        return false;
    }
}
