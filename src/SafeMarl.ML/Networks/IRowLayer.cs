namespace SafeMarl.ML.Networks;

/// <summary>A layer that passes some rows after the other through, when what follows it needs them, so that they are still in the cache there; and their slopes back.</summary>
internal interface IRowLayer
{
    /// <summary>Passes rows through.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="count">How many.</param>
    /// <param name="half">Which half of the work it is (<see cref="RowHalves"/>).</param>
    /// <returns><c>[count, width]</c>, until the half's next rows.</returns>
    ReadOnlySpan<float> Forward(int first, int count, int half);

    /// <summary>What <see cref="Forward"/> gave, where gradients are needed <c>[count, width]</c>.</summary>
    ReadOnlySpan<float> Kept(int first, int count);

    /// <summary>Takes the slopes of what <see cref="Forward"/> gave.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="count">How many.</param>
    /// <param name="slopes"><c>[count, width]</c>; may be overwritten.</param>
    /// <param name="half">Which half of the work it is.</param>
    void Backward(int first, int count, Span<float> slopes, int half);
}
