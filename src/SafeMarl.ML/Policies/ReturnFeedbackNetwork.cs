using System.Numerics.Tensors;

namespace SafeMarl.ML.Policies;

/// <summary>Managed inference of a <see cref="ReturnFeedback"/>: a layer whose weights come from the return distribution that the agent expected before.</summary>
internal sealed class ReturnFeedbackNetwork
{
    private readonly ReturnFeedback _shape;
    private readonly int _size, _width;
    private readonly DenseLayer _hyper;
    private readonly GeneratedWeights _generated;
    private readonly float[] _quantiles, _meanQuantile; // [K, size], [width]

    /// <param name="shape">Its sizes.</param>
    /// <param name="size">Width of the hidden layer.</param>
    public ReturnFeedbackNetwork(ReturnFeedback shape, int size)
    {
        (_shape, _size, _width) = (shape, size, DenseKernels.Padded(size));
        _hyper = new DenseLayer(shape.Quantiles, shape.HyperSize);
        _generated = new GeneratedWeights(shape, size);
        (_quantiles, _meanQuantile) = (new float[shape.Quantiles * size], new float[_width]);
    }

    public int Quantiles => _shape.Quantiles;

    /// <summary>What a state is multiplied with for its values [width].</summary>
    public ReadOnlySpan<float> MeanQuantile => _meanQuantile;

    public void Set(string name, ReadOnlySpan<float> values)
    {
        switch (name)
        {
            case "hyper.weight":
                _hyper.SetWeights(values);
                break;
            case "hyper.bias":
                _hyper.SetBias(values);
                break;
            case "generated.weight":
                _generated.SetWeights(values);
                break;
            case "generated.bias":
                _generated.SetBias(values);
                break;
            case "heads":
                _generated.SetHeads(values);
                break;
            default:
                values.CopyTo(_quantiles);
                for (int i = 0; i < _size; i++)
                    _meanQuantile[i] = (float)Enumerable.Range(0, _shape.Quantiles).Average(k => (double)_quantiles[k * _size + i]);
                break;
        }
    }

    public float[] Get(string name) => name switch
    {
        "hyper.weight" => _hyper.GetWeights(),
        "hyper.bias" => _hyper.GetBias(),
        "generated.weight" => _generated.GetWeights(),
        "generated.bias" => _generated.GetBias(),
        "heads" => _generated.GetHeads(),
        _ => [.. _quantiles],
    };

    /// <summary>Passes hidden layers through the layers that return distributions make.</summary>
    /// <param name="expected">The distributions, less 1: row i begins at <c>i * stride</c>.</param>
    /// <param name="stride">Distance between distributions.</param>
    /// <param name="rows">Number of rows, at most <see cref="GeneratedWeights.Part"/>.</param>
    /// <param name="hidden">The hidden layers <c>[rows, width]</c>; receives the results.</param>
    public void Transform(ReadOnlySpan<float> expected, int stride, int rows, Span<float> hidden)
    {
        int needed = rows * (_shape.Quantiles + _hyper.Width + 2 * _generated.Block);
        using var large = new LargeScratch(needed);
        Span<float> scratch = large.IsNeeded ? large.Span : stackalloc float[needed];
        Span<float> quantiles = scratch.Take(rows * _shape.Quantiles), hyper = scratch.Take(rows * _hyper.Width), vectors = scratch.Take(rows * _generated.Block);
        for (int row = 0; row < rows; row++)
            TensorPrimitives.Add(expected.Slice(row * stride, _shape.Quantiles), 1f, quantiles.Slice(row * _shape.Quantiles, _shape.Quantiles));
        _hyper.Apply(quantiles, rows, _shape.Quantiles, hyper);
        TensorPrimitives.Max(hyper, 0f, hyper);
        _generated.Apply(hyper, hidden, rows, scratch, vectors);
        for (int row = 0; row < rows; row++)
        {
            Span<float> result = hidden.Slice(row * _width, _size);
            _generated.Average(vectors.Slice(row * _generated.Block, _generated.Block), result);
            TensorPrimitives.Max(result, 0f, result);
        }
    }

    /// <summary>The distribution of the return that an agent expects of an alternative.</summary>
    /// <param name="state">Hidden state <c>[size]</c>.</param>
    /// <param name="output">The layer of values.</param>
    /// <param name="alternative">Which alternative.</param>
    /// <param name="expected">Receives the distribution, less 1 <c>[K]</c>.</param>
    public void Expect(ReadOnlySpan<float> state, DenseLayer output, int alternative, Span<float> expected)
    {
        using var large = new LargeScratch(_size);
        Span<float> weighed = large.IsNeeded ? large.Span : stackalloc float[_size];
        for (int i = 0; i < _size; i++)
            weighed[i] = state[i] * output.Weights[i * output.Width + alternative];
        for (int k = 0; k < expected.Length; k++)
            expected[k] = TensorPrimitives.Dot<float>(weighed, _quantiles.AsSpan(k * _size, _size)) + output.Bias[alternative] - 1;
    }
}
