using static SafeMarl.Environments.Skirmish.UnitTraits;

namespace SafeMarl.Environments.Skirmish;

/// <summary>The kinds of units, with SMAClite's numbers; the hydralisk, which it lacks, with StarCraft II's.</summary>
internal static class UnitTypes
{
    private const double MeleeRange = 0.1, ZergRegeneration = 0.38;

    public static IReadOnlyList<UnitType> All { get; } =
    [
        new("marine", 45, 0, 0, 3.15, 0.375, Light | Biological, new Weapon(WeaponKind.Direct, 6, 0.61, 5, HitsAir: true)),
        new("marauder", 125, 0, 1, 3.15, 0.5625, Armored | Biological, new Weapon(WeaponKind.Direct, 10, 1.07, 6, Bonus: 10, BonusAgainst: Armored)),
        new("medivac", 150, 0, 1, 3.5, 0.75, Armored | Mechanical, new Weapon(WeaponKind.Heal, 9, 0, 4), UnitPlane.Air, StartEnergy: 50),
        new("stalker", 80, 80, 1, 4.13, 0.625, Armored | Mechanical, new Weapon(WeaponKind.Direct, 13, 1.34, 6, Bonus: 5, BonusAgainst: Armored, HitsAir: true)),
        new("zealot", 100, 50, 1, 3.15, 0.5, Light | Biological, new Weapon(WeaponKind.Direct, 8, 0.86, MeleeRange, Attacks: 2)),
        new("colossus", 200, 150, 1, 3.15, 1, Armored | Mechanical | Massive, new Weapon(WeaponKind.Beam, 10, 1.07, 7, Attacks: 2, Bonus: 5, BonusAgainst: Light)),
        new("zergling", 35, 0, 0, 4.13, 0.375, Light | Biological, new Weapon(WeaponKind.Direct, 5, 0.497, MeleeRange), Regeneration: ZergRegeneration),
        new("baneling", 30, 0, 0, 3.15, 0.375, Biological, new Weapon(WeaponKind.Blast, 80, 1, 0.25), Regeneration: ZergRegeneration),
        new("hydralisk", 80, 0, 0, 3.15, 0.625, Light | Biological, new Weapon(WeaponKind.Direct, 12, 0.59, 5, HitsAir: true), Regeneration: ZergRegeneration),
        new("spine_crawler", 300, 0, 2, 0, 0.5, Armored | Biological | Structure,
            new Weapon(WeaponKind.Direct, 25, 1.32, 7, Bonus: 5, BonusAgainst: Armored, ScanRange: 10), Regeneration: ZergRegeneration),
    ];

    public static UnitType? Find(string name) => All.FirstOrDefault(t => t.Name == name);
}
