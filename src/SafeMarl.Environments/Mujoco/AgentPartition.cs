namespace SafeMarl.Environments.Mujoco;

/// <summary>How a robot's actuators are shared out: N agents with M actuators each, in the model's order, written "NxM".</summary>
public sealed record AgentPartition
{
    private AgentPartition(int agents, int actuatorsPerAgent) => (Agents, ActuatorsPerAgent) = (agents, actuatorsPerAgent);

    /// <summary>Number of agents, N.</summary>
    public int Agents { get; }

    /// <summary>Actuators of each agent, M.</summary>
    public int ActuatorsPerAgent { get; }

    /// <summary>Reads "NxM", such as "2x3".</summary>
    /// <exception cref="FormatException">The text has another form, or N or M is not positive.</exception>
    public static AgentPartition Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split('x');
        return parts.Length == 2 && int.TryParse(parts[0], out int agents) && int.TryParse(parts[1], out int actuators) && agents > 0 && actuators > 0
            ? new AgentPartition(agents, actuators)
            : throw new FormatException($"'{text}' is not a partition; write agents x actuators, such as '2x3'.");
    }

    /// <summary>Throws unless the partition covers exactly this many actuators.</summary>
    internal AgentPartition Covering(int actuators, string robot) => (long)Agents * ActuatorsPerAgent == actuators
        ? this
        : throw new ArgumentException(
            $"{robot} has {actuators} actuators, but {this} shares out {(long)Agents * ActuatorsPerAgent}. Possible: "
            + $"{string.Join(", ", Enumerable.Range(1, actuators).Where(n => actuators % n == 0).Select(n => $"{n}x{actuators / n}"))}.");

    /// <summary>The agents before and after one on the chain of all agents.</summary>
    internal int[] Chain(int agent) => [.. new[] { agent - 1, agent + 1 }.Where(n => n >= 0 && n < Agents)];

    /// <summary>The form that <see cref="Parse"/> reads.</summary>
    public override string ToString() => $"{Agents}x{ActuatorsPerAgent}";
}
