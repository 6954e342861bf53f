namespace SafeMarl.Environments.Mujoco;

/// <summary>How a robot is shared out: N agents with M of its parts each, in the order that the task says, written "NxM". Parts are joints, or segments where a robot has those.</summary>
public sealed record AgentPartition
{
    private const char DiagonalMark = 'd';

    private AgentPartition(int agents, int partsPerAgent, bool isDiagonal) => (Agents, PartsPerAgent, IsDiagonal) = (agents, partsPerAgent, isDiagonal);

    /// <summary>Number of agents, N.</summary>
    public int Agents { get; }

    /// <summary>Parts of each agent, M.</summary>
    public int PartsPerAgent { get; }

    /// <summary>Whether agents have limbs that lie diagonally across from each other, written "NxMd": an ant's 2x4d.</summary>
    public bool IsDiagonal { get; }

    /// <summary>Reads "NxM", such as "2x3", or "NxMd".</summary>
    /// <exception cref="FormatException">The text has another form, or N or M is not positive.</exception>
    public static AgentPartition Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        bool diagonal = text.EndsWith(DiagonalMark);
        string[] parts = (diagonal ? text[..^1] : text).Split('x');
        return parts.Length == 2 && int.TryParse(parts[0], out int agents) && int.TryParse(parts[1], out int count) && agents > 0 && count > 0
            ? new AgentPartition(agents, count, diagonal)
            : throw new FormatException($"'{text}' is not a partition; write agents x parts of each, such as '2x3'.");
    }

    /// <summary>Throws unless the partition covers exactly this many parts, and is not diagonal where the robot has no such partition.</summary>
    internal AgentPartition Covering(int parts, string robot, bool hasDiagonal = false)
    {
        if ((long)Agents * PartsPerAgent != parts)
        {
            throw new ArgumentException(
                $"{robot} has {parts} actuators, but {this} shares out {(long)Agents * PartsPerAgent}. Possible: "
                + $"{string.Join(", ", Enumerable.Range(1, parts).Where(n => parts % n == 0).Select(n => $"{n}x{parts / n}"))}.");
        }
        return !IsDiagonal || hasDiagonal ? this : throw new ArgumentException($"{robot} has no diagonal partition {this}; there is {Agents}x{PartsPerAgent}.");
    }

    /// <summary>The agents before and after one on the chain of all agents.</summary>
    internal int[] Chain(int agent) => [.. new[] { agent - 1, agent + 1 }.Where(n => n >= 0 && n < Agents)];

    /// <summary>The form that <see cref="Parse"/> reads.</summary>
    public override string ToString() => $"{Agents}x{PartsPerAgent}{(IsDiagonal ? DiagonalMark : "")}";
}
