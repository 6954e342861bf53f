using System.Numerics.Tensors;

namespace SafeMarl.ML.Networks;

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
