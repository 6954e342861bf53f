namespace SafeMarl.Environments.Skirmish;

/// <summary>What has happened in a step, as far as rewards, costs and replays ask for it.</summary>
internal sealed class BattleTally
{
    public const double KillBonus = 10;

    /// <summary>Reward for damage to enemies and for kills, unscaled.</summary>
    public double Reward { get; private set; }

    /// <summary>Allies that have died.</summary>
    public int Losses { get; private set; }

    public void Clear() => (Reward, Losses) = (0, 0);

    public void Damage(Side side, double lost) => Reward += side == Side.Enemy ? lost : 0;

    public void Death(Side side)
    {
        if (side == Side.Enemy)
            Reward += KillBonus;
        else
            Losses++;
    }

    /// <summary>A unit that has given its life; no kill.</summary>
    public void Sacrifice(Side side, double lost)
    {
        Damage(side, lost);
        if (side == Side.Ally)
            Losses++;
    }
}
