namespace SafeMarl.Environments.Skirmish;

internal enum Side
{
    Ally,
    Enemy,
}

internal enum UnitPlane
{
    Ground,
    Air,
}

[Flags]
internal enum UnitTraits
{
    None = 0,
    Light = 1,
    Armored = 2,
    Biological = 4,
    Mechanical = 8,
    Massive = 16,
    Structure = 32,
}

internal enum WeaponKind
{
    /// <summary>Hits its target at once.</summary>
    Direct,

    /// <summary>Hits everything in a rectangle across the line of fire.</summary>
    Beam,

    /// <summary>Hits every opponent around the unit, which dies.</summary>
    Blast,

    /// <summary>Gives hit points to its target, for energy.</summary>
    Heal,
}

/// <summary>What a unit does to its target. Distances in cells, times in seconds of 16 ticks each.</summary>
/// <param name="Kind">How it acts.</param>
/// <param name="Damage">Damage of an attack; hit points a second for a healer.</param>
/// <param name="Cooldown">Time between attacks.</param>
/// <param name="Range">Reach between the rims of two units.</param>
/// <param name="Attacks">Hits in one attack, each reduced by armor.</param>
/// <param name="Bonus">More damage against <paramref name="BonusAgainst"/>.</param>
/// <param name="BonusAgainst">Trait that takes the bonus.</param>
/// <param name="HitsAir">Whether it reaches air units.</param>
/// <param name="ScanRange">How far the unit looks for targets of its own accord.</param>
internal sealed record Weapon(
    WeaponKind Kind, double Damage, double Cooldown, double Range, int Attacks = 1, double Bonus = 0, UnitTraits BonusAgainst = UnitTraits.None,
    bool HitsAir = false, double ScanRange = 5)
{
    /// <summary>Damage of one hit on a unit with these traits, before armor.</summary>
    public double Against(UnitTraits traits) => Damage + ((traits & BonusAgainst) != 0 ? Bonus : 0);
}

/// <summary>The numbers of a kind of unit.</summary>
/// <param name="Name">As map files write it.</param>
/// <param name="Hp">Hit points.</param>
/// <param name="Shield">Shield points.</param>
/// <param name="Armor">Taken off every hit on hit points.</param>
/// <param name="Speed">Cells a second.</param>
/// <param name="Radius">Cells.</param>
/// <param name="Traits">What bonuses ask for.</param>
/// <param name="Weapon">What it does to its target.</param>
/// <param name="Plane">Where it moves; only ground units avoid walls.</param>
/// <param name="Regeneration">Hit points a second.</param>
/// <param name="StartEnergy">Energy at the start of a battle.</param>
internal sealed record UnitType(
    string Name, double Hp, double Shield, double Armor, double Speed, double Radius, UnitTraits Traits, Weapon Weapon,
    UnitPlane Plane = UnitPlane.Ground, double Regeneration = 0, double StartEnergy = 0)
{
    public bool IsHealer => Weapon.Kind == WeaponKind.Heal;
}
