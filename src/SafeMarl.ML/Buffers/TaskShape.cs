using SafeMarl.Environments;

namespace SafeMarl.ML.Buffers;

/// <summary>What algorithms know of an agent: sizes, no behaviour.</summary>
/// <param name="Name">Name of the agent.</param>
/// <param name="ObservationSize">Numbers in an observation.</param>
/// <param name="ActionSpace">What the agent can do.</param>
/// <param name="CostChannels">Names of the agent's costs.</param>
/// <param name="Neighbors">Agents that it communicates with.</param>
/// <param name="OwnState">Which numbers of its observation are its own.</param>
internal sealed record AgentShape(
    string Name, int ObservationSize, ActionSpace ActionSpace, IReadOnlyList<string> CostChannels, IReadOnlyList<int> Neighbors, IReadOnlyList<int> OwnState)
{
    /// <summary>Numbers that the agent's policy network gives: means or logits.</summary>
    public int OutputSize => ActionSpace.IsDiscrete ? ActionSpace.Count : ActionSpace.Size;

    /// <summary>Numbers of an action as critics see it: in [-1, 1] per dimension of a box, one-hot for alternatives.</summary>
    public int EncodedActionSize => ActionSpace.IsDiscrete ? ActionSpace.Count : ActionSpace.Size;

    /// <summary>Whether one network could serve this agent and another one.</summary>
    public bool IsLike(AgentShape other) => Interface == other.Interface;

    private (int Observation, bool Discrete, int Count, int Size, bool Masked) Interface =>
        (ObservationSize, ActionSpace.IsDiscrete, ActionSpace.Count, ActionSpace.Size, ActionSpace.IsMasked);
}

/// <summary>What algorithms know of a task.</summary>
/// <param name="Agents">The agents.</param>
/// <param name="StateSize">Numbers in what centralised critics see: the global state, or all observations where there is none.</param>
/// <param name="HasState">Whether there is a global state.</param>
/// <param name="SharedReward">All agents always get the same reward, so one critic serves them all.</param>
/// <param name="SharedCosts">All agents always get the same costs.</param>
/// <param name="HasDeviation">Whether deviations from an equilibrium are reported.</param>
/// <param name="HasDisturbance">Whether the size of disturbances is reported.</param>
internal sealed record TaskShape(
    IReadOnlyList<AgentShape> Agents, int StateSize, bool HasState, bool SharedReward, bool SharedCosts, bool HasDeviation, bool HasDisturbance)
{
    /// <summary>For algorithms that are to let one network serve all agents.</summary>
    /// <exception cref="InvalidOptionsException">Agents observe or do different things.</exception>
    public void ThrowUnlessAlike()
    {
        AgentShape first = Agents[0];
        if (Agents.FirstOrDefault(a => !a.IsLike(first)) is { } other)
        {
            throw new InvalidOptionsException(
                $"ShareParameters is true, but agents '{first.Name}' and '{other.Name}' have different observations or actions; set it to false.");
        }
    }

    /// <summary>The agents within so many steps of one along the communication graph: itself first, then its neighbours, nearest first.</summary>
    public int[] Neighborhood(int agent, int steps)
    {
        List<int> found = [agent];
        int begun = 0;
        for (int step = 0; step < steps && begun < found.Count; step++)
        {
            int end = found.Count;
            found.AddRange(found[begun..end].SelectMany(other => Agents[other].Neighbors).Distinct().Except(found).Order().ToArray());
            begun = end;
        }
        return [.. found];
    }
}
