namespace SafeMarl.Environments.Skirmish;

/// <summary>
/// StarCraft-style micromanagement: allied units, one agent each, fight an army that attacks by simple rules. The mechanics are SMAClite's
/// (Michalski et al., arXiv 2305.05566), the maps, observations, rewards and time limits SMAC's.
/// </summary>
/// <remarks>
/// <para>A step is 0.5 s, 8 ticks. Actions (masked): 0 no-op, for the dead only; 1 stop; 2 to 5 move north, south, east, west by up to 2 cells; 6 + j attack
/// enemy j within 6 cells, or heal ally j for a healer.</para>
/// <para>Reward, shared: damage to enemies (shield and hit points lost), 10 for each kill and 200 for the battle, scaled so that killing everything gives 20. Shields
/// that recover can be shot again, so a return may exceed 20. Cost "losses", shared: allies that died in the step.</para>
/// <para>Observation: 4 flags of open moves; for each enemy [attackable, distance, dx, dy, health, (shield), (type)]; for each other ally [1, distance, dx, dy, health, (shield),
/// (type)]; own [health, (shield), (type)]. Distances are cells / 9, health and shield shares; shield only on a side that has any, type one-hot on maps that name
/// types. Zeros for who is dead or 9 cells away or more; all zeros for a dead agent.</para>
/// <para>State: for each ally [health, cooldown / its largest or energy / 200, x, y, (shield), (type)], for each enemy [health, x, y, (shield), (type)], then each agent's last
/// action, one-hot (zeros after a reset). Positions are from the map's centre, by its size; zeros for the dead.</para>
/// <para>A battle terminates when one side is dead, and is truncated at the time limit.</para>
/// </remarks>
public sealed class SkirmishBattle : IRestorableEnvironment, ILosableAgents, IHasGoal
{
    private const double MaxReturn = 20, WinBonus = 200, StarCraft2Pace = 1 / 1.4;

    private readonly SkirmishOptions _options;
    private readonly SkirmishActions _actions;
    private readonly SkirmishView _view;
    private readonly UnitStates _units;
    private readonly double _rewardScale;
    private readonly int[] _lastActions;
    private readonly float[] _masks; // [A, actions]: those of the step to come
    private SkirmishReplay? _replay;
    private RandomStream _random;
    private int _steps;

    /// <summary>Makes the task.</summary>
    /// <param name="map">Terrain, armies and time limit.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="ArgumentException">The episode length is below 1, or an option is none of its alternatives.</exception>
    public SkirmishBattle(SkirmishMap map, SkirmishOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        (Map, _options) = (map, options ?? new SkirmishOptions());
        Check(_options);
        Simulation = new BattleSimulation(map, _options.GameSpeed == GameSpeed.StarCraft2 ? StarCraft2Pace : 1);
        _units = Simulation.Units;
        _actions = new SkirmishActions(Simulation, map.Terrain);
        _view = new SkirmishView(_units, map, _actions.Count);
        _rewardScale = MaxReturn / (WinBonus + _units.Enemies.Sum(e => BattleTally.KillBonus + _units.Types[e].Hp + _units.Types[e].Shield));
        _lastActions = new int[map.AllyCount];
        _masks = new float[map.AllyCount * _actions.Count];
        CostChannel[] costs = [new("losses")];
        Spec = new EnvironmentSpec(
            $"Skirmish-{map.Name}",
            [.. Enumerable.Range(0, map.AllyCount).Select(i => new AgentSpec($"ally_{i}", _view.ObservationSize, ActionSpace.Discrete(_actions.Count, masked: true), costs))],
            _options.EpisodeLength ?? map.EpisodeLength, _view.StateSize, sharedReward: true, sharedCosts: true);
    }

    /// <inheritdoc/>
    public EnvironmentSpec Spec { get; }

    /// <summary>The map.</summary>
    public SkirmishMap Map { get; }

    /// <summary>Whether the battle is won: no enemy is left, even if no ally is either.</summary>
    public bool GoalReached => !AnyAlive(_units.Enemies);

    internal BattleSimulation Simulation { get; }

    /// <summary>Records the next battle, from the next reset to its end, and none of those that follow. Recording allocates memory in every step.</summary>
    public SkirmishReplay Record()
    {
        Simulation.Shots = [];
        return _replay = new SkirmishReplay(Map);
    }

    /// <inheritdoc/>
    public void Reset(long seed, StepBuffer step)
    {
        _random = new RandomStream(seed);
        _steps = 0;
        Simulation.Reset();
        Array.Fill(_lastActions, -1);
        _replay?.Begin(_units);
        Report(step);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidActionException">An agent's action is not available.</exception>
    public EpisodeStatus Step(ReadOnlySpan<float> jointAction, StepBuffer step)
    {
        InvalidActionException.ThrowIfInvalid(jointAction, Spec);
        for (int agent = 0; agent < _lastActions.Length; agent++)
            RequireAvailable(agent, (int)jointAction[agent]);
        for (int agent = 0; agent < _lastActions.Length; agent++)
        {
            _lastActions[agent] = (int)jointAction[agent];
            _actions.Give(_units.Allies[agent], _lastActions[agent]);
        }
        Simulation.Step(ref _random, _options.TurnOrder == TurnOrder.Random);
        _steps++;
        bool won = GoalReached, over = won || !AnyAlive(_units.Allies);
        double reward = _rewardScale * (Simulation.Tally.Reward + (won ? WinBonus : 0));
        for (int agent = 0; agent < _lastActions.Length; agent++)
        {
            step.Reward(agent) = (float)reward;
            step.Cost(agent) = Simulation.Tally.Losses;
        }
        Report(step);
        EpisodeStatus status = over ? EpisodeStatus.Terminated : _steps >= Spec.EpisodeLength ? EpisodeStatus.Truncated : EpisodeStatus.Running;
        _replay?.Add(Simulation, reward, status, won);
        return status;
    }

    /// <summary>Whether an agent's unit is dead.</summary>
    /// <param name="agent">Index of the agent.</param>
    public bool IsLost(int agent) => !_units.IsAlive(_units.Allies[agent]);

    /// <inheritdoc/>
    public void SaveState(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(_steps);
        _random.Save(writer);
        _units.Save(writer);
    }

    /// <inheritdoc/>
    public void RestoreState(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        Simulation.Reset();
        _steps = reader.ReadInt32();
        _random = RandomStream.Load(reader);
        _units.Load(reader);
        _replay?.Begin(_units);
        RefreshMasks();
    }

    /// <inheritdoc/>
    public void Dispose() { }

    private void Report(StepBuffer step)
    {
        RefreshMasks();
        for (int agent = 0; agent < _lastActions.Length; agent++)
        {
            MaskOf(agent).CopyTo(step.ActionMask(agent));
            _view.Observe(_units.Allies[agent], MaskOf(agent), step.Observation(agent));
        }
        _view.WriteState(_lastActions, step.State);
    }

    /// <summary>Finds which actions are available; to be called when units were changed from outside.</summary>
    internal void RefreshMasks()
    {
        for (int agent = 0; agent < _lastActions.Length; agent++)
            _actions.WriteMask(_units.Allies[agent], MaskOf(agent));
    }

    private Span<float> MaskOf(int agent) => _masks.AsSpan(agent * _actions.Count, _actions.Count);

    private void RequireAvailable(int agent, int action)
    {
        Span<float> mask = MaskOf(agent);
        if (mask[action] == 1)
            return;
        IEnumerable<int> available = mask.ToArray().Select((m, i) => (m, i)).Where(a => a.m == 1).Select(a => a.i);
        throw new InvalidActionException(
            $"Agent '{Spec.Agents[agent].Name}' of '{Spec.Name}' was given action {action}, which is not available in step {_steps + 1}; " +
            $"available: {string.Join(", ", available)}.");
    }

    private bool AnyAlive(int[] ids)
    {
        foreach (int unit in ids)
        {
            if (_units.IsAlive(unit))
                return true;
        }
        return false;
    }

    private static void Check(SkirmishOptions options)
    {
        if (options.EpisodeLength < 1)
            throw new ArgumentException($"EpisodeLength is {options.EpisodeLength}; it must be at least 1.", nameof(options));
        if (!Enum.IsDefined(options.GameSpeed))
            throw new ArgumentException($"GameSpeed is {options.GameSpeed}; it must be {string.Join(" or ", Enum.GetNames<GameSpeed>())}.", nameof(options));
        if (!Enum.IsDefined(options.TurnOrder))
            throw new ArgumentException($"TurnOrder is {options.TurnOrder}; it must be {string.Join(" or ", Enum.GetNames<TurnOrder>())}.", nameof(options));
    }
}
