using System.Numerics.Tensors;

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

/// <summary>The states themselves.</summary>
/// <param name="size">Numbers in a state.</param>
/// <param name="width">The same with its padding.</param>
internal sealed class StatesThemselves(int size, int width) : IStateHead
{
    /// <inheritdoc/>
    public int Size => size;

    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<float> states, int count, Span<float> results, int half)
    {
        for (int i = 0; i < count; i++)
            states.Slice(i * width, size).CopyTo(results[(i * size)..]);
    }

    /// <inheritdoc/>
    public void AddSlopes(ReadOnlySpan<float> states, ReadOnlySpan<float> slopes, int count, Span<float> stateSlopes, int half)
    {
        for (int i = 0; i < count; i++)
        {
            Span<float> target = stateSlopes.Slice(i * width, size);
            TensorPrimitives.Add(target, slopes.Slice(i * size, size), target);
        }
    }
}
