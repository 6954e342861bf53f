namespace SafeMarl.Environments.Skirmish;

/// <summary>Observations and the global state, in the layout that <see cref="SkirmishBattle"/> describes.</summary>
internal sealed class SkirmishView
{
    private const double Sight = 9, FullEnergy = 200;

    private readonly UnitStates _units;
    private readonly SkirmishMap _map;
    private readonly int _actions, _allyShield, _enemyShield, _types;
    private readonly int[] _feature; // index of each unit's type in its one-hot features

    public SkirmishView(UnitStates units, SkirmishMap map, int actions)
    {
        (_units, _map, _actions) = (units, map, actions);
        (_allyShield, _enemyShield, _types) = (HaveShield(units.Allies), HaveShield(units.Enemies), map.TypeFeatures.Count);
        _feature = [.. units.Types.Select(t => map.TypeFeatures.ToList().IndexOf(t))];
        int own = 1 + _allyShield + _types;
        ObservationSize = SkirmishActions.Moves + units.Enemies.Length * (5 + _enemyShield + _types) + (units.Allies.Length - 1) * (4 + own) + own;
        StateSize = units.Allies.Length * (4 + _allyShield + _types + actions) + units.Enemies.Length * (3 + _enemyShield + _types);

        int HaveShield(int[] ids) => ids.Any(i => units.Types[i].Shield > 0) ? 1 : 0;
    }

    public int ObservationSize { get; }

    public int StateSize { get; }

    /// <summary>Writes an agent's observation.</summary>
    /// <param name="unit">The agent's unit.</param>
    /// <param name="mask">Its available actions.</param>
    /// <param name="observation">Receives the observation.</param>
    public void Observe(int unit, ReadOnlySpan<float> mask, Span<float> observation)
    {
        observation.Clear();
        if (!_units.IsAlive(unit))
            return;
        mask.Slice(SkirmishActions.FirstMove, SkirmishActions.Moves).CopyTo(observation);
        int at = SkirmishActions.Moves;
        for (int j = 0; j < _units.Enemies.Length; j++)
        {
            Relate(unit, _units.Enemies[j], mask[SkirmishActions.FirstTarget + j], _enemyShield, observation[at..]);
            at += 5 + _enemyShield + _types;
        }
        foreach (int ally in _units.Allies)
        {
            if (ally == unit)
                continue;
            Relate(unit, ally, 1, _allyShield, observation[at..]);
            at += 5 + _allyShield + _types;
        }
        observation[at] = Health(unit);
        Describe(unit, _allyShield, observation[(at + 1)..]);
    }

    /// <summary>Writes the global state.</summary>
    /// <param name="lastActions">Each agent's last action; negative: none yet.</param>
    /// <param name="state">Receives the state.</param>
    public void WriteState(ReadOnlySpan<int> lastActions, Span<float> state)
    {
        state.Clear();
        double centreX = _map.Terrain.Width / 2.0, centreY = _map.Terrain.Height / 2.0;
        int at = 0;
        foreach (int unit in _units.Allies)
        {
            if (_units.IsAlive(unit))
            {
                state[at] = Health(unit);
                state[at + 1] = (float)(_units.IsHealer[unit] ? _units.Energy[unit] / FullEnergy : _units.Cooldown[unit] / _units.MaxCooldown[unit]);
                state[at + 2] = (float)((_units.X[unit] - centreX) / _map.Terrain.Width);
                state[at + 3] = (float)((_units.Y[unit] - centreY) / _map.Terrain.Height);
                Describe(unit, _allyShield, state[(at + 4)..]);
            }
            at += 4 + _allyShield + _types;
        }
        foreach (int unit in _units.Enemies)
        {
            if (_units.IsAlive(unit))
            {
                state[at] = Health(unit);
                state[at + 1] = (float)((_units.X[unit] - centreX) / _map.Terrain.Width);
                state[at + 2] = (float)((_units.Y[unit] - centreY) / _map.Terrain.Height);
                Describe(unit, _enemyShield, state[(at + 3)..]);
            }
            at += 3 + _enemyShield + _types;
        }
        foreach (int action in lastActions)
        {
            if (action >= 0)
                state[at + action] = 1;
            at += _actions;
        }
    }

    private void Relate(int unit, int other, float flag, int shield, Span<float> features)
    {
        double dx = _units.X[other] - _units.X[unit], dy = _units.Y[other] - _units.Y[unit], squared = dx * dx + dy * dy;
        if (!_units.IsAlive(other) || squared >= Sight * Sight)
            return;
        features[0] = flag;
        features[1] = (float)(Math.Sqrt(squared) / Sight);
        features[2] = (float)(dx / Sight);
        features[3] = (float)(dy / Sight);
        features[4] = Health(other);
        Describe(other, shield, features[5..]);
    }

    private float Health(int unit) => (float)(_units.Hp[unit] / _units.Types[unit].Hp);

    private void Describe(int unit, int shield, Span<float> features)
    {
        if (shield > 0 && _units.Types[unit].Shield > 0)
            features[0] = (float)(_units.Shield[unit] / _units.Types[unit].Shield);
        if (_types > 0)
            features[shield + _feature[unit]] = 1;
    }
}
