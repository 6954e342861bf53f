using SafeMarl.ML.Networks;

namespace SafeMarl.ML.Algorithms.ValueFactorization;

/// <summary>Memory that one batch after the other is copied to.</summary>
internal sealed class SequenceMemory
{
    private float[] _inputs = [], _masks = [];

    /// <summary>Zeros for what agents see.</summary>
    public float[] Inputs(int length) => Cleared(ref _inputs, length);

    /// <summary>Zeros for which alternatives there are.</summary>
    public float[] Masks(int length) => Cleared(ref _masks, length);

    private static float[] Cleared(ref float[] memory, int length)
    {
        Array.Clear(RowHalves.Grow(ref memory, length), 0, length);
        return memory;
    }
}
