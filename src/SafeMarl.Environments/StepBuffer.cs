namespace SafeMarl.Environments;

/// <summary>
/// What one environment reports: a view over memory that the caller owns. An environment writes every observation, the state and
/// every action mask in <see cref="IMultiAgentEnvironment.Reset"/> and <see cref="IMultiAgentEnvironment.Step"/>, and every reward, cost,
/// deviation and disturbance in <c>Step</c> only.
/// </summary>
public readonly ref struct StepBuffer
{
    private readonly StepLayout _layout;
    private readonly Span<float> _observations, _masks, _rewards, _costs, _deviations, _disturbances;

    internal StepBuffer(
        StepLayout layout, Span<float> observations, Span<float> state, Span<float> masks, Span<float> rewards, Span<float> costs, Span<float> deviations,
        Span<float> disturbances)
    {
        _layout = layout;
        _observations = observations;
        State = state;
        _masks = masks;
        _rewards = rewards;
        _costs = costs;
        _deviations = deviations;
        _disturbances = disturbances;
    }

    /// <summary>The global state, of <see cref="EnvironmentSpec.StateSize"/> numbers.</summary>
    public Span<float> State { get; }

    /// <summary>The observation of an agent, of <see cref="AgentSpec.ObservationSize"/> numbers.</summary>
    public Span<float> Observation(int agent) => _observations[_layout.Observation(agent)];

    /// <summary>1 for each available alternative of an agent's discrete action, 0 for the others; empty when its actions are not masked.</summary>
    public Span<float> ActionMask(int agent) => _masks[_layout.Mask(agent)];

    /// <summary>The agent's reward for the step.</summary>
    public ref float Reward(int agent) => ref _rewards[agent];

    /// <summary>The agent's costs for the step, one per channel, each at least 0; 0 is safe.</summary>
    public Span<float> Costs(int agent) => _costs[_layout.Costs(agent)];

    /// <summary>The agent's cost for the step in one channel, at least 0; 0 is safe.</summary>
    public ref float Cost(int agent, int channel = 0) => ref Costs(agent)[channel];

    /// <summary>The agent's distance to the desired equilibrium, at least 0. Only when <see cref="EnvironmentSpec.HasDeviation"/>.</summary>
    public ref float Deviation(int agent) => ref _deviations[agent];

    /// <summary>How strongly the agent was disturbed in the step, at least 0, in the task's own unit. Only when <see cref="EnvironmentSpec.HasDisturbance"/>.</summary>
    public ref float Disturbance(int agent) => ref _disturbances[agent];
}
