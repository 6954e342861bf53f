using System.Runtime.InteropServices;

namespace SafeMarl.Environments.Skirmish;

/// <summary>What a unit has been told to do.</summary>
internal enum UnitOrder
{
    /// <summary>Stand.</summary>
    Stop,

    /// <summary>Walk to the goal.</summary>
    Move,

    /// <summary>Attack or heal one unit, for a whole step, whatever becomes of it.</summary>
    Attack,

    /// <summary>Walk to the goal and fight whatever is met on the way.</summary>
    AttackMove,
}

/// <summary>All units of a battle by id, living and dead, as flat arrays: first what never changes, then what does.</summary>
internal sealed class UnitStates
{
    /// <summary>No unit.</summary>
    public const int None = -1;

    private readonly double[] _startX, _startY;

    public UnitStates(IReadOnlyList<PlacedUnit> units, double speedFactor)
    {
        Count = units.Count;
        Types = [.. units.Select(u => u.Type)];
        Sides = [.. units.Select(u => u.Side)];
        Radius = [.. units.Select(u => u.Type.Radius)];
        Speed = [.. units.Select(u => u.Type.Speed * speedFactor)];
        Pace = [.. Speed];
        MaxCooldown = [.. units.Select(u => u.Type.Weapon.Cooldown / speedFactor)];
        Range = [.. units.Select(u => u.Type.Weapon.Range)];
        ScanRange = [.. units.Select(u => u.Type.Weapon.ScanRange)];
        (IsHealer, IsAir, HitsAir) = ([.. Types.Select(t => t.IsHealer)], [.. Types.Select(t => t.Plane == UnitPlane.Air)], [.. Types.Select(t => t.Weapon.HitsAir)]);
        LargestRadius = Radius.Max();
        (_startX, _startY) = ([.. units.Select(u => u.X)], [.. units.Select(u => u.Y)]);
        Allies = IdsOf(Side.Ally);
        Enemies = IdsOf(Side.Enemy);
        (X, Y, VelocityX, VelocityY, PreferredX, PreferredY) = (Numbers(), Numbers(), Numbers(), Numbers(), Numbers(), Numbers());
        (Hp, Shield, Cooldown, Energy, ShieldDelay, HealPool, GoalX, GoalY) = (Numbers(), Numbers(), Numbers(), Numbers(), Numbers(), Numbers(), Numbers(), Numbers());
        (Target, FormerTarget, OrderTarget) = (new int[Count], new int[Count], new int[Count]);
        Orders = new UnitOrder[Count];
        IsAttacking = new bool[Count];

        double[] Numbers() => new double[Count];
        int[] IdsOf(Side side) => [.. Enumerable.Range(0, Count).Where(i => Sides[i] == side)];
    }

    public int Count { get; }

    public UnitType[] Types { get; }

    public Side[] Sides { get; }

    public double[] Radius { get; }

    /// <summary>Cells a second.</summary>
    public double[] Speed { get; }

    /// <summary>Speed at which the unit marches: its own, or that of slower units that it keeps with.</summary>
    public double[] Pace { get; }

    /// <summary>Seconds between attacks.</summary>
    public double[] MaxCooldown { get; }

    /// <summary>Reach of the weapon between the rims of two units.</summary>
    public double[] Range { get; }

    /// <summary>How far a unit looks for targets of its own accord.</summary>
    public double[] ScanRange { get; }

    public bool[] IsHealer { get; }

    public bool[] IsAir { get; }

    public bool[] HitsAir { get; }

    public double LargestRadius { get; }

    /// <summary>Ids of the allies, in the order of agents.</summary>
    public int[] Allies { get; }

    /// <summary>Ids of the enemies, in the order of targets.</summary>
    public int[] Enemies { get; }

    public double[] X { get; }

    public double[] Y { get; }

    public double[] VelocityX { get; }

    public double[] VelocityY { get; }

    /// <summary>Velocity that the unit would take if nothing were in its way.</summary>
    public double[] PreferredX { get; }

    public double[] PreferredY { get; }

    public double[] Hp { get; }

    public double[] Shield { get; }

    /// <summary>Seconds until the next attack.</summary>
    public double[] Cooldown { get; }

    public double[] Energy { get; }

    /// <summary>Seconds until the shield begins to recover.</summary>
    public double[] ShieldDelay { get; }

    /// <summary>Hit points that a healer has paid for and not yet given.</summary>
    public double[] HealPool { get; }

    /// <summary>Unit that is attacked or healed, or <see cref="None"/>.</summary>
    public int[] Target { get; }

    /// <summary>The target at the beginning of the tick.</summary>
    public int[] FormerTarget { get; }

    public UnitOrder[] Orders { get; }

    /// <summary>Unit that an <see cref="UnitOrder.Attack"/> names.</summary>
    public int[] OrderTarget { get; }

    public double[] GoalX { get; }

    public double[] GoalY { get; }

    /// <summary>Whether the unit stands within reach of what it attacks.</summary>
    public bool[] IsAttacking { get; }

    public bool IsAlive(int unit) => Hp[unit] > 0;

    public Vector2D Position(int unit) => new(X[unit], Y[unit]);

    public Vector2D Velocity(int unit) => new(VelocityX[unit], VelocityY[unit]);

    public double DistanceSquared(int a, int b)
    {
        double dx = X[b] - X[a], dy = Y[b] - Y[a];
        return dx * dx + dy * dy;
    }

    public double Distance(int a, int b) => Math.Sqrt(DistanceSquared(a, b));

    /// <summary>Whether a unit's weapon can act on another's plane.</summary>
    public bool CanReachPlane(int unit, int target) => !IsAir[target] || HitsAir[unit];

    /// <summary>Whether a unit could act on another from where both stand.</summary>
    public bool IsWithinReach(int unit, int target) => Distance(unit, target) <= Range[unit] + Radius[unit] + Radius[target];

    /// <summary>What a unit is after: the unit that it was ordered to attack, dead or alive, or the target that it chose.</summary>
    public int Aim(int unit) => Orders[unit] switch
    {
        UnitOrder.Attack => OrderTarget[unit],
        UnitOrder.AttackMove => Target[unit],
        _ => None,
    };

    /// <summary>Everything as at the start of a battle; the enemies march to a point.</summary>
    public void Reset(Vector2D attackPoint)
    {
        _startX.CopyTo(X, 0);
        _startY.CopyTo(Y, 0);
        foreach (double[] zeroed in (ReadOnlySpan<double[]>)[VelocityX, VelocityY, PreferredX, PreferredY, Cooldown, ShieldDelay, HealPool])
            Array.Clear(zeroed);
        for (int i = 0; i < Count; i++)
        {
            (Hp[i], Shield[i], Energy[i]) = (Types[i].Hp, Types[i].Shield, Types[i].StartEnergy);
            (GoalX[i], GoalY[i]) = (attackPoint.X, attackPoint.Y);
            Orders[i] = Sides[i] == Side.Enemy ? UnitOrder.AttackMove : UnitOrder.Stop;
        }
        Array.Fill(Target, None);
        Array.Fill(FormerTarget, None);
        Array.Fill(OrderTarget, None);
    }

    /// <summary>Writes what a step begins with; orders are given anew in each.</summary>
    public void Save(BinaryWriter writer)
    {
        foreach (double[] values in Lasting())
            writer.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        writer.Write(MemoryMarshal.AsBytes(Target.AsSpan()));
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(BinaryReader reader)
    {
        foreach (double[] values in Lasting())
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(Target.AsSpan()));
    }

    private double[][] Lasting() => [X, Y, VelocityX, VelocityY, Hp, Shield, Cooldown, Energy, ShieldDelay, HealPool];
}
