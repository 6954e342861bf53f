using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace SafeMarl.ML.Policies;

/// <summary>
/// The weights that a row has for itself, made from its z: <c>W_h = ReLU(B_h z + b_h)</c> for every head h of a <see cref="ReturnFeedback"/>, and what a hidden layer x becomes by them:
/// <c>y = ReLU(sum_h s_h W_h x)</c>, s being the softmax of the heads. A row has thousands of weights: they are made for one input after the other and are never in memory together.
/// </summary>
internal sealed class GeneratedWeights
{
    /// <summary>Rows that meet an input's numbers together, which are too many to be fetched often; what rows have themselves stays in the second-level cache.</summary>
    public const int Chunk = 128;

    /// <summary>Rows of a chunk whose weights from an input stay in the first-level cache.</summary>
    public const int Part = 32;

    private readonly ReturnFeedback _shape;
    private readonly int _size, _width, _hyperWidth; // widths are padded sizes
    private readonly float[] _weights, _bias, _heads, _shares; // [size, hyper, block], [size, block], [heads, size], [block]

    /// <param name="shape">Its sizes.</param>
    /// <param name="size">Width of the hidden layer.</param>
    public GeneratedWeights(ReturnFeedback shape, int size)
    {
        (_shape, _size, _width, _hyperWidth) = (shape, size, DenseKernels.Padded(size), DenseKernels.Padded(shape.HyperSize));
        Block = DenseKernels.Padded(Outputs);
        (_weights, _bias) = (new float[size * shape.HyperSize * Block], new float[size * Block]);
        (_heads, _shares) = (new float[Outputs], new float[Block]);
    }

    /// <summary>Outputs of all heads.</summary>
    public int Outputs => _shape.Heads * _size;

    /// <summary>The same with their padding.</summary>
    public int Block { get; }

    /// <summary>Heads' shares <c>[block]</c>.</summary>
    public ReadOnlySpan<float> Shares => _shares;

    /// <summary>B, from torch's layout <c>[size outputs, hyper]</c>.</summary>
    public void SetWeights(ReadOnlySpan<float> values)
    {
        for (int output = 0; output < _size * Outputs; output++)
        {
            for (int k = 0; k < _shape.HyperSize; k++)
                _weights[(output / Outputs * _shape.HyperSize + k) * Block + output % Outputs] = values[output * _shape.HyperSize + k];
        }
    }

    /// <summary>B in torch's layout.</summary>
    public float[] GetWeights() => WeightsToTorch(_weights, _shape.HyperSize);

    /// <summary>Numbers that lie as B does, in torch's layout.</summary>
    /// <param name="values"><c>[size, rows, block]</c></param>
    /// <param name="rows">Rows that every input has, of which the first ones count.</param>
    public float[] WeightsToTorch(ReadOnlySpan<float> values, int rows)
    {
        var torch = new float[_size * Outputs * _shape.HyperSize];
        for (int output = 0; output < _size * Outputs; output++)
        {
            for (int k = 0; k < _shape.HyperSize; k++)
                torch[output * _shape.HyperSize + k] = values[(output / Outputs * rows + k) * Block + output % Outputs];
        }
        return torch;
    }

    /// <summary>b <c>[size outputs]</c></summary>
    public void SetBias(ReadOnlySpan<float> values)
    {
        for (int i = 0; i < _size; i++)
            values.Slice(i * Outputs, Outputs).CopyTo(_bias.AsSpan(i * Block));
    }

    /// <summary>b <c>[size outputs]</c></summary>
    public float[] GetBias() => BiasToTorch(_bias);

    /// <summary>Numbers that lie as b does <c>[size, block]</c>, without padding.</summary>
    public float[] BiasToTorch(ReadOnlySpan<float> values)
    {
        var torch = new float[_size * Outputs];
        for (int i = 0; i < _size; i++)
            values.Slice(i * Block, Outputs).CopyTo(torch.AsSpan(i * Outputs));
        return torch;
    }

    /// <summary>Heads <c>[heads, size]</c>.</summary>
    public void SetHeads(ReadOnlySpan<float> values)
    {
        values.CopyTo(_heads);
        for (int o = 0; o < _size; o++)
        {
            double sum = Enumerable.Range(0, _shape.Heads).Sum(h => Math.Exp(_heads[h * _size + o]));
            for (int at = o; at < Outputs; at += _size)
                _shares[at] = (float)(Math.Exp(_heads[at]) / sum);
        }
    }

    /// <summary>Heads <c>[heads, size]</c>.</summary>
    public float[] GetHeads() => [.. _heads];

    /// <summary>The weights that rows have for an input, before they are cut off.</summary>
    /// <param name="input">Which input.</param>
    /// <param name="z"><c>[rows, hyper width]</c></param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="weights">Receives <c>[rows, block]</c>.</param>
    public void For(int input, ReadOnlySpan<float> z, int rows, Span<float> weights) => DenseKernels.Linear(
        z, rows, _hyperWidth, _shape.HyperSize, _weights.AsSpan(input * _shape.HyperSize * Block, _shape.HyperSize * Block), _bias.AsSpan(input * Block, Block), weights, Block);

    /// <summary>The heads' vectors <c>W_h x</c> of some rows.</summary>
    /// <param name="z"><c>[rows, hyper width]</c></param>
    /// <param name="hidden">x <c>[rows, width]</c></param>
    /// <param name="rows">Number of rows, at most <see cref="Chunk"/>.</param>
    /// <param name="scratch"><c>[rows, block]</c>, of at most <see cref="Part"/> rows.</param>
    /// <param name="vectors">Receives <c>[rows, block]</c>.</param>
    public void Apply(ReadOnlySpan<float> z, ReadOnlySpan<float> hidden, int rows, Span<float> scratch, Span<float> vectors)
    {
        vectors[..(rows * Block)].Clear();
        for (int input = 0; input < _size; input++)
        {
            for (int first = 0; first < rows; first += Part)
            {
                int count = Math.Min(Part, rows - first);
                For(input, z[(first * _hyperWidth)..], count, scratch);
                for (int i = 0, row = first; i < count; i++, row++)
                    AddWeighed(scratch.Slice(i * Block, Block), hidden[row * _width + input], vectors.Slice(row * Block, Block));
            }
        }
    }

    // vector += weights x
    private void AddWeighed(ReadOnlySpan<float> weights, float input, Span<float> vector)
    {
        Vector512<float> x = Vector512.Create(input), least = Vector512.Create(_shape.NonNegativeWeights ? 0 : float.NegativeInfinity);
        for (int j = 0; j < weights.Length; j += DenseKernels.Lanes)
            Vector512.FusedMultiplyAdd(Vector512.Max(Vector512.LoadUnsafe(in weights[j]), least), x, Vector512.LoadUnsafe(ref vector[j])).StoreUnsafe(ref vector[j]);
    }

    /// <summary><c>sum_h s_h v_h</c> of the heads' vectors of a row.</summary>
    /// <param name="vectors"><c>[block]</c></param>
    /// <param name="result">Receives <c>[size]</c>.</param>
    public void Average(ReadOnlySpan<float> vectors, Span<float> result)
    {
        TensorPrimitives.Multiply(vectors[.._size], _shares.AsSpan(0, _size), result);
        for (int first = _size; first < Outputs; first += _size)
            TensorPrimitives.MultiplyAdd(vectors.Slice(first, _size), _shares.AsSpan(first, _size), result, result);
    }
}
