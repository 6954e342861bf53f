using SafeMarl.Environments;

namespace SafeMarl.ML.Policies;

/// <summary>Several situations of one agent, in which it is to draw an action each; row i of everything begins at i times its stride.</summary>
internal readonly ref struct ActingRows
{
    /// <summary>One stream per row.</summary>
    public required Span<RandomStream> Random { get; init; }

    public required ReadOnlySpan<float> Observations { get; init; }

    public required int ObservationStride { get; init; }

    /// <summary>Empty where actions are not masked.</summary>
    public required ReadOnlySpan<float> Masks { get; init; }

    public required int MaskStride { get; init; }

    /// <summary>What the agent remembers; goes on by a step. Empty where it remembers nothing.</summary>
    public Span<float> Memories { get; init; }

    public int MemoryStride { get; init; }

    /// <summary>Receives the actions.</summary>
    public required Span<float> Actions { get; init; }

    public required int ActionStride { get; init; }

    /// <summary>Receives the log-probability (density) of each action <c>[rows]</c>; of a squashed one in the box [-1, 1]; 0 for policies that take the best.</summary>
    public required Span<float> LogProbs { get; init; }

    /// <summary>Share of actions that are drawn uniformly from what is available, by policies that else take the best.</summary>
    public double Exploration { get; init; }
}
