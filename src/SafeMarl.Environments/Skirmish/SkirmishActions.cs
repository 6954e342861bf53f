namespace SafeMarl.Environments.Skirmish;

/// <summary>The actions of an agent: no-op (the dead), stop, four moves, and one for each target.</summary>
internal sealed class SkirmishActions
{
    public const int NoOp = 0, Stop = 1, FirstMove = 2, Moves = 4, FirstTarget = 6;

    private const double MoveProbe = 1, TargetRange = 6;

    private readonly BattleSimulation _battle;
    private readonly Terrain _terrain;

    public SkirmishActions(BattleSimulation battle, Terrain terrain)
    {
        (_battle, _terrain) = (battle, terrain);
        UnitStates units = battle.Units;
        bool heals = units.Allies.Any(a => units.IsHealer[a]);
        Count = FirstTarget + Math.Max(units.Enemies.Length, heals ? units.Allies.Length : 0);
    }

    /// <summary>Number of actions.</summary>
    public int Count { get; }

    /// <summary>Unit that an agent's action names: an enemy, or an ally for a healer.</summary>
    public int TargetOf(int unit, int action)
    {
        UnitStates units = _battle.Units;
        int[] targets = units.IsHealer[unit] ? units.Allies : units.Enemies;
        return targets[action - FirstTarget];
    }

    /// <summary>Writes which actions a unit has: 1 or 0 each.</summary>
    public void WriteMask(int unit, Span<float> mask)
    {
        UnitStates units = _battle.Units;
        mask.Clear();
        if (!units.IsAlive(unit))
        {
            mask[NoOp] = 1;
            return;
        }
        mask[Stop] = 1;
        for (int heading = 0; heading < Moves; heading++)
        {
            Vector2D ahead = BattleSimulation.Ahead(units.Position(unit), heading, MoveProbe);
            mask[FirstMove + heading] = _terrain.IsOpen(ahead.X, ahead.Y) ? 1 : 0;
        }
        bool heals = units.IsHealer[unit];
        int[] targets = heals ? units.Allies : units.Enemies;
        for (int j = 0; j < targets.Length; j++)
        {
            bool suits = units.IsAlive(targets[j]) && !(heals && units.IsHealer[targets[j]]);
            mask[FirstTarget + j] = suits && units.DistanceSquared(unit, targets[j]) <= TargetRange * TargetRange ? 1 : 0;
        }
    }

    /// <summary>Gives a unit the order that an action stands for.</summary>
    public void Give(int unit, int action)
    {
        if (action >= FirstTarget)
            _battle.OrderAttack(unit, TargetOf(unit, action));
        else if (action >= FirstMove)
            _battle.OrderMove(unit, action - FirstMove);
        else
            _battle.OrderStop(unit);
    }
}
