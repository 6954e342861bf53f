namespace SafeMarl.Environments;

/// <summary>Offsets of the agents' parts in the flat arrays of one environment. Agents lie one after the other, nothing is padded.</summary>
public sealed class StepLayout
{
    private readonly int[] _observations, _masks, _costs, _actions;

    internal StepLayout(EnvironmentSpec spec)
    {
        AgentCount = spec.Agents.Count;
        StateSize = spec.StateSize;
        HasDeviation = spec.HasDeviation;
        HasDisturbance = spec.HasDisturbance;
        _observations = Offsets(spec, a => a.ObservationSize);
        _masks = Offsets(spec, a => a.ActionSpace.IsMasked ? a.ActionSpace.Count : 0);
        _costs = Offsets(spec, a => a.Costs.Count);
        _actions = Offsets(spec, a => a.ActionSpace.Size);
    }

    /// <summary>Number of agents.</summary>
    public int AgentCount { get; }

    /// <summary>Numbers in the global state.</summary>
    public int StateSize { get; }

    /// <summary>Whether deviations are kept.</summary>
    public bool HasDeviation { get; }

    /// <summary>Whether disturbances are kept.</summary>
    public bool HasDisturbance { get; }

    /// <summary>Numbers in the observations of all agents together.</summary>
    public int ObservationSize => _observations[AgentCount];

    /// <summary>Numbers in the action masks of all agents together; 0 when no agent's actions are masked.</summary>
    public int MaskSize => _masks[AgentCount];

    /// <summary>Cost channels of all agents together.</summary>
    public int CostSize => _costs[AgentCount];

    /// <summary>Numbers in a joint action.</summary>
    public int ActionSize => _actions[AgentCount];

    /// <summary>Where the agent's observation lies.</summary>
    public Range Observation(int agent) => Part(_observations, agent);

    /// <summary>Where the agent's action mask lies; empty when its actions are not masked.</summary>
    public Range Mask(int agent) => Part(_masks, agent);

    /// <summary>Where the agent's costs lie.</summary>
    public Range Costs(int agent) => Part(_costs, agent);

    /// <summary>Where the agent's action lies in a joint action.</summary>
    public Range Action(int agent) => Part(_actions, agent);

    private static Range Part(int[] offsets, int agent) => offsets[agent]..offsets[agent + 1];

    private static int[] Offsets(EnvironmentSpec spec, Func<AgentSpec, int> size)
    {
        var offsets = new int[spec.Agents.Count + 1];
        for (int i = 0; i < spec.Agents.Count; i++)
            offsets[i + 1] = offsets[i] + size(spec.Agents[i]);
        return offsets;
    }
}
