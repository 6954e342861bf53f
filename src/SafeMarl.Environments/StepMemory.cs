namespace SafeMarl.Environments;

/// <summary>Memory for what <see cref="Count"/> environments report, each signal contiguous over the environments: <c>[E, ...]</c>.</summary>
public sealed class StepMemory
{
    private readonly StepLayout _layout;
    private readonly float[] _observations, _states, _masks, _rewards, _costs, _deviations, _disturbances;

    /// <summary>Allocates memory for <paramref name="count"/> environments of one specification.</summary>
    public StepMemory(EnvironmentSpec spec, int count)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        _layout = spec.Layout;
        Count = count;
        _observations = new float[count * _layout.ObservationSize];
        _states = new float[count * _layout.StateSize];
        _masks = new float[count * _layout.MaskSize];
        _rewards = new float[count * _layout.AgentCount];
        _costs = new float[count * _layout.CostSize];
        _deviations = new float[_layout.HasDeviation ? count * _layout.AgentCount : 0];
        _disturbances = new float[_layout.HasDisturbance ? count * _layout.AgentCount : 0];
    }

    /// <summary>Number of environments, E.</summary>
    public int Count { get; }

    /// <summary>Observations <c>[E, sum over agents]</c>.</summary>
    public Span<float> Observations => _observations;

    /// <summary>Global states <c>[E, state]</c>.</summary>
    public Span<float> States => _states;

    /// <summary>Action masks <c>[E, sum over agents]</c>.</summary>
    public Span<float> Masks => _masks;

    /// <summary>Rewards <c>[E, A]</c>.</summary>
    public Span<float> Rewards => _rewards;

    /// <summary>Costs <c>[E, sum of channels over agents]</c>.</summary>
    public Span<float> Costs => _costs;

    /// <summary>Deviations <c>[E, A]</c>, or empty.</summary>
    public Span<float> Deviations => _deviations;

    /// <summary>Disturbances <c>[E, A]</c>, or empty.</summary>
    public Span<float> Disturbances => _disturbances;

    /// <summary>The part of one environment.</summary>
    public StepBuffer this[int environment] => new(
        _layout,
        Row(_observations, environment, _layout.ObservationSize),
        Row(_states, environment, _layout.StateSize),
        Row(_masks, environment, _layout.MaskSize),
        Row(_rewards, environment, _layout.AgentCount),
        Row(_costs, environment, _layout.CostSize),
        _layout.HasDeviation ? Row(_deviations, environment, _layout.AgentCount) : default,
        _layout.HasDisturbance ? Row(_disturbances, environment, _layout.AgentCount) : default);

    /// <summary>Copies what the agents see (observations, state, masks) of one environment to the same place in another memory.</summary>
    public void CopyView(int environment, StepMemory destination)
    {
        Row(_observations, environment, _layout.ObservationSize).CopyTo(Row(destination._observations, environment, _layout.ObservationSize));
        Row(_states, environment, _layout.StateSize).CopyTo(Row(destination._states, environment, _layout.StateSize));
        Row(_masks, environment, _layout.MaskSize).CopyTo(Row(destination._masks, environment, _layout.MaskSize));
    }

    private static Span<float> Row(float[] values, int row, int size) => values.AsSpan(row * size, size);
}
