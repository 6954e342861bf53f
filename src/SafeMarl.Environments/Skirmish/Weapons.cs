namespace SafeMarl.Environments.Skirmish;

/// <summary>What attacks do. Damage is counted as shield and hit points that are really lost.</summary>
internal static class Weapons
{
    public const double ShieldDelay = 10;

    private const double BeamLength = 2.8, BeamWidth = 0.3, BlastRadius = 2.2;

    /// <summary>One attack of a unit on its target and on whoever else is in the weapon's area; the tally counts what it does.</summary>
    public static void Attack(UnitStates units, int unit, int target, BattleTally tally)
    {
        switch (units.Types[unit].Weapon.Kind)
        {
            case WeaponKind.Direct:
                Hit(units, unit, target, tally);
                break;
            case WeaponKind.Beam:
                foreach (int opponent in Opponents(units, unit))
                {
                    if (units.IsAlive(opponent) && IsInBeam(units.Position(unit), units.Position(target), units.Position(opponent), units.Radius[opponent]))
                        Hit(units, unit, opponent, tally);
                }
                break;
            case WeaponKind.Blast:
                tally.Sacrifice(units.Sides[unit], units.Hp[unit]);
                units.Hp[unit] = 0;
                foreach (int opponent in Opponents(units, unit))
                {
                    if (units.IsAlive(opponent) && units.Distance(unit, opponent) <= BlastRadius + units.Radius[opponent])
                        Hit(units, unit, opponent, tally);
                }
                break;
        }
    }

    /// <summary>Takes one hit off shield, then hit points less armor; returns what was lost.</summary>
    public static double Lose(double damage, double armor, ref double shield, ref double hp)
    {
        double absorbed = Math.Min(shield, damage), left = damage - absorbed;
        double lost = Math.Min(hp, Math.Max(0, left - armor));
        shield -= absorbed;
        hp -= lost;
        return absorbed + lost;
    }

    /// <summary>
    /// Whether a unit is hit by a beam: the rectangle around the target, 2.8 across the line of fire and 0.3 along it, touches its circle,
    /// and its centre is no farther from the target than the rectangle's corners.
    /// </summary>
    public static bool IsInBeam(Vector2D shooter, Vector2D target, Vector2D unit, double radius)
    {
        Vector2D offset = unit - target, fire = target - shooter;
        const double cornerSquared = (BeamLength * BeamLength + BeamWidth * BeamWidth) / 4;
        if (offset.LengthSquared > cornerSquared)
            return false;
        Vector2D ahead = fire.LengthSquared > 0 ? 1 / fire.Length * fire : new Vector2D(1, 0);
        double beyondWidth = Math.Max(0, Math.Abs(Vector2D.Dot(offset, ahead)) - BeamWidth / 2);
        double beyondLength = Math.Max(0, Math.Abs(Vector2D.Det(ahead, offset)) - BeamLength / 2);
        return beyondWidth * beyondWidth + beyondLength * beyondLength <= radius * radius;
    }

    private static int[] Opponents(UnitStates units, int unit) => units.Sides[unit] == Side.Ally ? units.Enemies : units.Allies;

    private static void Hit(UnitStates units, int unit, int target, BattleTally tally)
    {
        if (!units.IsAlive(target))
            return;
        Weapon weapon = units.Types[unit].Weapon;
        double damage = weapon.Against(units.Types[target].Traits);
        for (int hit = 0; hit < weapon.Attacks; hit++)
            tally.Damage(units.Sides[target], Lose(damage, units.Types[target].Armor, ref units.Shield[target], ref units.Hp[target]));
        if (units.Types[target].Shield > 0)
            units.ShieldDelay[target] = ShieldDelay;
        if (!units.IsAlive(target))
            tally.Death(units.Sides[target]);
    }
}
