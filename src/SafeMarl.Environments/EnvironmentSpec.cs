namespace SafeMarl.Environments;

/// <summary>The fixed description of an environment: agents, signals and sizes. It never changes after construction.</summary>
public sealed class EnvironmentSpec
{
    /// <summary>Describes an environment.</summary>
    /// <param name="name">Name of the task, for logs and artifacts.</param>
    /// <param name="agents">The agents, at least one, with different names.</param>
    /// <param name="episodeLength">Steps after which an episode is truncated at the latest, at least 1.</param>
    /// <param name="stateSize">Numbers in the global state; 0: there is none and only decentralised algorithms apply.</param>
    /// <param name="sharedReward">Every agent always gets the same reward (a fully cooperative task).</param>
    /// <param name="sharedCosts">Every agent has the same cost channels and always gets the same costs.</param>
    /// <param name="hasDeviation">The environment reports the distance to its desired equilibrium (the stability cost of MAS3AC).</param>
    /// <param name="hasDisturbance">The environment reports how strongly it was disturbed in each step.</param>
    public EnvironmentSpec(
        string name, IReadOnlyList<AgentSpec> agents, int episodeLength, int stateSize = 0, bool sharedReward = false, bool sharedCosts = false, bool hasDeviation = false,
        bool hasDisturbance = false)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(agents);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(episodeLength);
        ArgumentOutOfRangeException.ThrowIfNegative(stateSize);
        if (agents.Count == 0)
            throw new ArgumentException($"Environment '{name}' needs at least one agent.", nameof(agents));
        if (agents.Select(a => a.Name).Distinct().Count() != agents.Count)
            throw new ArgumentException($"The agents of '{name}' need different names; got {string.Join(", ", agents.Select(a => a.Name))}.", nameof(agents));
        if (sharedCosts && agents.Any(a => !a.Costs.Select(c => c.Name).SequenceEqual(agents[0].Costs.Select(c => c.Name))))
            throw new ArgumentException($"'{name}' declares shared costs, so all its agents need the same cost channels.", nameof(sharedCosts));
        foreach (AgentSpec agent in agents)
        {
            if (agent.Neighbors.Any(n => n < 0 || n >= agents.Count))
                throw new ArgumentException($"Agent '{agent.Name}' names neighbours outside 0..{agents.Count - 1}.", nameof(agents));
        }
        (Name, Agents, EpisodeLength, StateSize) = (name, [.. agents], episodeLength, stateSize);
        (SharedReward, SharedCosts, HasDeviation, HasDisturbance) = (sharedReward, sharedCosts, hasDeviation, hasDisturbance);
        Layout = new StepLayout(this);
    }

    /// <summary>Name of the task.</summary>
    public string Name { get; }

    /// <summary>The agents, in the order of joint actions and step buffers.</summary>
    public IReadOnlyList<AgentSpec> Agents { get; }

    /// <summary>Steps after which an episode is truncated at the latest.</summary>
    public int EpisodeLength { get; }

    /// <summary>Numbers in the global state; 0: there is none.</summary>
    public int StateSize { get; }

    /// <summary>Whether every agent always gets the same reward.</summary>
    public bool SharedReward { get; }

    /// <summary>Whether every agent has the same cost channels and always gets the same costs.</summary>
    public bool SharedCosts { get; }

    /// <summary>Whether <see cref="StepBuffer.Deviation(int)"/> is reported.</summary>
    public bool HasDeviation { get; }

    /// <summary>Whether <see cref="StepBuffer.Disturbance(int)"/> is reported.</summary>
    public bool HasDisturbance { get; }

    /// <summary>Where each agent's part lies in flat step memory and joint actions.</summary>
    public StepLayout Layout { get; }

    /// <summary>Index of the agent with this name.</summary>
    /// <exception cref="KeyNotFoundException">No agent has the name; the message lists those that there are.</exception>
    public int AgentIndex(string name)
    {
        for (int i = 0; i < Agents.Count; i++)
        {
            if (Agents[i].Name == name)
                return i;
        }
        throw new KeyNotFoundException($"'{Name}' has no agent '{name}'. Its agents: {string.Join(", ", Agents.Select(a => a.Name))}.");
    }

    /// <summary>Everything that data of the environment mean, in a line: equal texts, exchangeable data.</summary>
    public override string ToString() =>
        $"{Name}: {EpisodeLength} steps, state {StateSize}{(SharedReward ? ", shared reward" : "")}{(SharedCosts ? ", shared costs" : "")}{(HasDeviation ? ", deviation" : "")}{(HasDisturbance ? ", disturbance" : "")}; {string.Join("; ", Agents)}";
}
