namespace SafeMarl.Environments.Skirmish;

/// <summary>Healing: energy buys hit points in advance, and the target gets what a tick allows.</summary>
internal static class Healing
{
    private const double HpPerEnergy = 3, EnergyToBegin = 5;

    /// <summary>
    /// One tick of healing. A target at full health is let go; a new one needs some energy in store. A healer does not notice during a step
    /// that its target has died: its energy is then spent in vain. Returns whether anything was given.
    /// </summary>
    public static bool Heal(UnitStates units, int healer, int target, double seconds)
    {
        double missing = units.Types[target].Hp - units.Hp[target];
        if (missing <= 0 || (units.FormerTarget[healer] != target && units.Energy[healer] < EnergyToBegin))
        {
            units.Target[healer] = UnitStates.None;
            return false;
        }
        double given = Given(Math.Min(missing, units.Types[healer].Weapon.Damage * seconds), ref units.HealPool[healer], ref units.Energy[healer]);
        if (units.IsAlive(target))
            units.Hp[target] += given;
        return given > 0;
    }

    /// <summary>Takes up to <paramref name="wanted"/> hit points from the pool, buying more with whole units of energy; returns what there was.</summary>
    public static double Given(double wanted, ref double pool, ref double energy)
    {
        if (pool < wanted && energy >= 1)
        {
            energy -= 1;
            pool += HpPerEnergy;
        }
        double given = Math.Min(wanted, pool);
        pool -= given;
        return given;
    }
}
