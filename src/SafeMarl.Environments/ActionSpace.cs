namespace SafeMarl.Environments;

/// <summary>
/// The actions of one agent: a box of real numbers with bounds, or one of n alternatives.
/// In a joint action a box takes one number per dimension and a discrete action takes one number, the index of the alternative.
/// </summary>
public sealed class ActionSpace
{
    private ActionSpace(int size, int count, bool masked, float[] low, float[] high) =>
        (Size, Count, IsMasked, Low, High) = (size, count, masked, low, high);

    /// <summary>Whether the action is one of <see cref="Count"/> alternatives.</summary>
    public bool IsDiscrete => Count > 0;

    /// <summary>Numbers that the action takes in a joint action: the dimensions of a box, 1 for a discrete action.</summary>
    public int Size { get; }

    /// <summary>Alternatives of a discrete action; 0 for a box.</summary>
    public int Count { get; }

    /// <summary>Whether the environment says at every step which alternatives are available (discrete actions only).</summary>
    public bool IsMasked { get; }

    /// <summary>Lower bounds of a box, one per dimension; empty for a discrete action.</summary>
    public IReadOnlyList<float> Low { get; }

    /// <summary>Upper bounds of a box, one per dimension; empty for a discrete action.</summary>
    public IReadOnlyList<float> High { get; }

    /// <summary>A box with bounds per dimension. Environments clip what lies outside; policies may propose it.</summary>
    /// <exception cref="ArgumentException">The bounds differ in length, are empty, not finite, or a lower bound is not below its upper bound.</exception>
    public static ActionSpace Box(IReadOnlyList<float> low, IReadOnlyList<float> high)
    {
        ArgumentNullException.ThrowIfNull(low);
        ArgumentNullException.ThrowIfNull(high);
        if (low.Count != high.Count || low.Count == 0)
            throw new ArgumentException($"A box needs as many lower as upper bounds and at least one; got {low.Count} and {high.Count}.", nameof(high));
        for (int i = 0; i < low.Count; i++)
        {
            if (!float.IsFinite(low[i]) || !float.IsFinite(high[i]) || low[i] >= high[i])
                throw new ArgumentException($"Dimension {i} of a box needs finite bounds with low < high; got [{low[i]}, {high[i]}].", nameof(low));
        }
        return new ActionSpace(low.Count, 0, false, [.. low], [.. high]);
    }

    /// <summary>A box with the same bounds in each of <paramref name="size"/> dimensions.</summary>
    public static ActionSpace Box(int size, float low, float high)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        return Box(Enumerable.Repeat(low, size).ToArray(), Enumerable.Repeat(high, size).ToArray());
    }

    /// <summary>One of <paramref name="count"/> alternatives (at least 2); <paramref name="masked"/>: some may be unavailable at a step.</summary>
    public static ActionSpace Discrete(int count, bool masked = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        return new ActionSpace(1, count, masked, [], []);
    }

    /// <inheritdoc/>
    public override string ToString() => IsDiscrete ? $"Discrete({Count}{(IsMasked ? ", masked" : "")})" : $"Box({Size})";
}
