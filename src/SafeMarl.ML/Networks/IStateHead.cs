namespace SafeMarl.ML.Networks;

/// <summary>What is made of a recurrence's states, step by step, while they are in the cache; it is what losses have gradients to.</summary>
internal interface IStateHead
{
    /// <summary>Numbers of a result.</summary>
    int Size { get; }

    /// <summary>Makes results of states.</summary>
    /// <param name="states"><c>[count, width]</c></param>
    /// <param name="count">How many.</param>
    /// <param name="results">Receives <c>[count, size]</c>.</param>
    /// <param name="half">Which half of the work it is (<see cref="RowHalves"/>).</param>
    void Apply(ReadOnlySpan<float> states, int count, Span<float> results, int half);

    /// <summary>Takes slopes back.</summary>
    /// <param name="states"><c>[count, width]</c></param>
    /// <param name="slopes">Of the results <c>[count, size]</c>.</param>
    /// <param name="count">How many.</param>
    /// <param name="stateSlopes">To be added to <c>[count, width]</c>.</param>
    /// <param name="half">Which half of the work it is.</param>
    void AddSlopes(ReadOnlySpan<float> states, ReadOnlySpan<float> slopes, int count, Span<float> stateSlopes, int half);
}
