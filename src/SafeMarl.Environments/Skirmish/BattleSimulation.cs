namespace SafeMarl.Environments.Skirmish;

/// <summary>The battle itself: eight ticks of 1/16 s in a step, by SMAClite's rules.</summary>
internal sealed class BattleSimulation
{
    public const int TicksPerStep = 8;
    public const double TickSeconds = 1.0 / 16;

    private const double ShieldRegeneration = 2, MaxEnergy = 200, EnergyRegeneration = 0.5625; // a second
    private const double MoveDistance = 2;
    private static readonly Vector2D[] Headings = [new(0, 1), new(0, -1), new(1, 0), new(-1, 0)]; // north, south, east, west

    private readonly CollisionAvoidance _avoidance;
    private readonly Vector2D _attackPoint;
    private readonly Pathfinder? _paths;
    private readonly int[] _order;

    public BattleSimulation(SkirmishMap map, double speedFactor)
    {
        Units = new UnitStates(map.Units, speedFactor);
        (_attackPoint, _paths) = (map.AttackPoint, map.Paths);
        _avoidance = new CollisionAvoidance(Units, map.Terrain, TickSeconds);
        _order = new int[Units.Count];
    }

    public UnitStates Units { get; }

    public BattleTally Tally { get; } = new();

    /// <summary>What was fired in the step, heals included; null: not recorded.</summary>
    public List<(int Tick, int Unit, int Target)>? Shots { get; set; }

    public void Reset() => Units.Reset(_attackPoint);

    /// <summary>The point at a distance in a heading: 0 north, 1 south, 2 east, 3 west.</summary>
    public static Vector2D Ahead(Vector2D from, int heading, double distance) => from + distance * Headings[heading];

    public void OrderStop(int unit) => Units.Orders[unit] = UnitOrder.Stop;

    public void OrderMove(int unit, int heading)
    {
        Vector2D goal = Ahead(Units.Position(unit), heading, MoveDistance);
        (Units.Orders[unit], Units.GoalX[unit], Units.GoalY[unit]) = (UnitOrder.Move, goal.X, goal.Y);
    }

    public void OrderAttack(int unit, int target) => (Units.Orders[unit], Units.OrderTarget[unit]) = (UnitOrder.Attack, target);

    /// <summary>For tests: called before each tick of a step, gives the order in which units act in it.</summary>
    public Func<int, int[]>? OrderOfTick { get; set; }

    /// <summary>Runs a step in which the units act in random order, or by ascending id.</summary>
    public void Step(ref RandomStream random, bool shuffles)
    {
        Tally.Clear();
        Shots?.Clear();
        for (int tick = 0; tick < TicksPerStep; tick++)
        {
            for (int i = 0; i < _order.Length; i++)
                _order[i] = i;
            if (shuffles)
                random.Shuffle<int>(_order);
            Tick(tick, OrderOfTick?.Invoke(tick) ?? _order);
        }
    }

    private void Tick(int tick, ReadOnlySpan<int> order)
    {
        Targeting.Refresh(Units);
        Targeting.Choose(Units);
        Steering.Prefer(Units, _paths);
        _avoidance.Solve();
        foreach (int unit in order)
        {
            if (!Units.IsAlive(unit))
                continue;
            Move(unit);
            Recover(unit);
            if (Units.IsAttacking[unit] && Units.Cooldown[unit] == 0 && Act(unit, Units.Aim(unit)))
                Shots?.Add((tick, unit, Units.Aim(unit)));
        }
    }

    private void Move(int unit)
    {
        Units.X[unit] += Units.VelocityX[unit] * TickSeconds;
        Units.Y[unit] += Units.VelocityY[unit] * TickSeconds;
    }

    private void Recover(int unit)
    {
        UnitType type = Units.Types[unit];
        Units.Cooldown[unit] = Math.Max(0, Units.Cooldown[unit] - TickSeconds);
        Units.ShieldDelay[unit] = Math.Max(0, Units.ShieldDelay[unit] - TickSeconds);
        if (Units.ShieldDelay[unit] == 0)
            Units.Shield[unit] = Math.Min(type.Shield, Units.Shield[unit] + ShieldRegeneration * TickSeconds);
        if (Units.IsHealer[unit])
            Units.Energy[unit] = Math.Min(MaxEnergy, Units.Energy[unit] + EnergyRegeneration * TickSeconds);
        Units.Hp[unit] = Math.Min(type.Hp, Units.Hp[unit] + type.Regeneration * TickSeconds);
    }

    private bool Act(int unit, int aim)
    {
        Units.Cooldown[unit] = Units.MaxCooldown[unit];
        if (Units.IsHealer[unit])
            return Healing.Heal(Units, unit, aim, TickSeconds);
        Weapons.Attack(Units, unit, aim, Tally);
        return true;
    }
}
