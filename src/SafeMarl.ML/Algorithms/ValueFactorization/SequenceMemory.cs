using SafeMarl.ML.Networks;

namespace SafeMarl.ML.Algorithms.ValueFactorization;

/// <summary>Memory that one batch after the other is copied to.</summary>
internal sealed class SequenceMemory
{
    private float[] _inputs = [], _masks = [];

    /// <summary>For what agents see; it holds anything.</summary>
    public float[] Inputs(int length) => RowHalves.Grow(ref _inputs, length);

    /// <summary>For which alternatives there are; it holds anything.</summary>
    public float[] Masks(int length) => RowHalves.Grow(ref _masks, length);
}
