namespace SafeMarl.Environments;

/// <summary>A safety cost of an agent. Costs are never negative; 0 is safe.</summary>
/// <param name="Name">Unique among the agent's channels; constraint limits are given by this name.</param>
/// <param name="ReferenceLimit">The limit on the cost of an episode that the task's authors use, if there is one.</param>
public sealed record CostChannel(string Name, double? ReferenceLimit = null);

/// <summary>What one agent of an environment sees, does and is charged for.</summary>
public sealed class AgentSpec
{
    /// <summary>Describes an agent.</summary>
    /// <param name="name">Unique among the agents; policies and data rows name the agent by it.</param>
    /// <param name="observationSize">Numbers in an observation, at least 1.</param>
    /// <param name="actionSpace">What the agent can do.</param>
    /// <param name="costs">Safety costs, at least one; agents may have different channels.</param>
    /// <param name="neighbors">Indices of the agents that this one communicates with; empty when the task has no such graph.</param>
    /// <param name="ownState">Which numbers of the observation describe the agent itself rather than others; null: all of them.</param>
    public AgentSpec(
        string name, int observationSize, ActionSpace actionSpace, IReadOnlyList<CostChannel> costs, IReadOnlyList<int>? neighbors = null, IReadOnlyList<int>? ownState = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(observationSize);
        ArgumentNullException.ThrowIfNull(actionSpace);
        ArgumentNullException.ThrowIfNull(costs);
        if (costs.Count == 0)
            throw new ArgumentException($"Agent '{name}' needs at least one cost channel; a task without safety costs gives one that is always 0.", nameof(costs));
        if (costs.Select(c => c.Name).Distinct().Count() != costs.Count)
            throw new ArgumentException($"The cost channels of agent '{name}' need different names; got {string.Join(", ", costs.Select(c => c.Name))}.", nameof(costs));
        if (ownState is not null && (ownState.Count == 0 || ownState.Distinct().Count() != ownState.Count || ownState.Any(i => i < 0 || i >= observationSize)))
        {
            throw new ArgumentException(
                $"The own state of agent '{name}' needs different indices from 0 to {observationSize - 1}, at least one; got {string.Join(", ", ownState)}.", nameof(ownState));
        }
        (Name, ObservationSize, ActionSpace, Costs, Neighbors) = (name, observationSize, actionSpace, [.. costs], [.. neighbors ?? []]);
        OwnState = [.. ownState ?? Enumerable.Range(0, observationSize)];
    }

    /// <summary>The agent's name.</summary>
    public string Name { get; }

    /// <summary>Numbers in an observation.</summary>
    public int ObservationSize { get; }

    /// <summary>What the agent can do.</summary>
    public ActionSpace ActionSpace { get; }

    /// <summary>The agent's safety costs, in the order of the channels of a <see cref="StepBuffer"/>.</summary>
    public IReadOnlyList<CostChannel> Costs { get; }

    /// <summary>Indices of the agents that this one communicates with.</summary>
    public IReadOnlyList<int> Neighbors { get; }

    /// <summary>Indices of the numbers of the observation that describe the agent itself: what its stability certificate looks at.</summary>
    public IReadOnlyList<int> OwnState { get; }

    /// <summary>Name, sizes and costs, in a line.</summary>
    public override string ToString() => $"{Name}: {ObservationSize} -> {ActionSpace}, costs {string.Join(", ", Costs.Select(c => c.Name))}"
        + (OwnState.Count < ObservationSize ? $", own {string.Join(" ", OwnState)}" : "");
}
