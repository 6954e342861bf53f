using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using SafeMarl.ML.Policies;

namespace SafeMarl.ML.Networks;

/// <summary>
/// The layer of a <see cref="ReturnFeedback"/> over many rows, forwards and backwards, on managed arrays: with <c>z = ReLU(A e + a)</c> of a row's return distribution e and the
/// <see cref="GeneratedWeights"/> that it makes, a hidden layer x becomes <c>y = ReLU(sum_h s_h W_h x)</c>.
/// </summary>
internal sealed class GeneratedLayer
{
    private readonly ReturnFeedback _shape;
    private readonly int _size, _width, _block, _quantileWidth, _hyperWidth; // widths are padded sizes
    private readonly DenseLayer _hyper;
    private readonly GeneratedWeights _generated;
    private readonly float[] _back, _zeros; // [size, block, hyperWidth], [hyperWidth]
    private readonly LayerGradients _hyperGradients;
    private readonly Gradients[] _sums;
    private IRowLayer? _hidden;
    private float[] _expected = [], _z = [], _vectors = [], _slopes = [], _result = [], _hiddenSlopes = []; // [M, quantileWidth], [M, hyperWidth], [M, block] twice, [M, width] twice
    private int _rows;

    /// <summary>Gradients: of B^T by input, b and s.</summary>
    private sealed record Gradients(float[] Generated, float[] GeneratedBias, float[] Shares);

    /// <param name="shape">Its sizes.</param>
    /// <param name="size">Width of the hidden layer.</param>
    public GeneratedLayer(ReturnFeedback shape, int size)
    {
        (_shape, _size, _width) = (shape, size, DenseKernels.Padded(size));
        (_hyper, _generated) = (new DenseLayer(shape.Quantiles, shape.HyperSize), new GeneratedWeights(shape, size));
        (_block, _quantileWidth, _hyperWidth) = (_generated.Block, DenseKernels.Padded(shape.Quantiles), DenseKernels.Padded(shape.HyperSize));
        (_back, _zeros) = (new float[size * _block * _hyperWidth], new float[_hyperWidth]);
        _hyperGradients = new LayerGradients(_hyper, _quantileWidth);
        _sums = RowHalves.Each(() => new Gradients(new float[size * _hyperWidth * _block], new float[size * _block], new float[_block]));
    }

    /// <summary>Width of the hidden layer with its padding.</summary>
    public int Width => _width;

    private int Outputs => _generated.Outputs;

    /// <summary>Sets the weights from torch's layout: A, a, B, b and the heads.</summary>
    public void SetWeights(float[] hyper, float[] hyperBias, float[] generated, float[] generatedBias, float[] heads)
    {
        _hyper.SetWeights(hyper);
        _hyper.SetBias(hyperBias);
        _generated.SetWeights(generated);
        _generated.SetBias(generatedBias);
        _generated.SetHeads(heads);
        for (int output = 0; output < _size * Outputs; output++)
            generated.AsSpan(output * _shape.HyperSize, _shape.HyperSize).CopyTo(_back.AsSpan((output / Outputs * _block + output % Outputs) * _hyperWidth));
    }

    /// <summary>Passes rows through.</summary>
    /// <param name="hidden">Has x <c>[M, width]</c>; asked again for gradients.</param>
    /// <param name="expected">e <c>[M, K]</c></param>
    /// <param name="rows">M.</param>
    /// <param name="threads">Threads to use.</param>
    /// <returns>y <c>[M, width]</c>, in memory that the next call uses again.</returns>
    public float[] Forward(IRowLayer hidden, float[] expected, int rows, int threads)
    {
        (_hidden, _rows) = (hidden, rows);
        RowHalves.Grow(ref _expected, _rows * _quantileWidth);
        RowHalves.Grow(ref _z, _rows * _hyperWidth);
        RowHalves.Grow(ref _vectors, _rows * _block);
        Array.Clear(RowHalves.Grow(ref _result, _rows * _width));
        RowHalves.Run(threads, _rows, (first, count, _) =>
        {
            for (int row = first; row < first + count; row++)
                expected.AsSpan(row * _shape.Quantiles, _shape.Quantiles).CopyTo(_expected.AsSpan(row * _quantileWidth));
            Span<float> z = _z.AsSpan(first * _hyperWidth, count * _hyperWidth);
            _hyper.Apply(_expected.AsSpan(first * _quantileWidth), count, _quantileWidth, z);
            TensorPrimitives.Max(z, 0f, z);
            float[] weights = new float[GeneratedWeights.Part * _block];
            for (int row = first; row < first + count; row += GeneratedWeights.Chunk)
            {
                int together = Math.Min(GeneratedWeights.Chunk, first + count - row);
                _generated.Apply(_z.AsSpan(row * _hyperWidth), hidden.Kept(row, together), together, weights, _vectors.AsSpan(row * _block, together * _block));
            }
            for (int row = first; row < first + count; row++)
            {
                Span<float> result = _result.AsSpan(row * _width, _size);
                _generated.Average(_vectors.AsSpan(row * _block, _block), result);
                TensorPrimitives.Max(result, 0f, result);
            }
        });
        return _result;
    }

    /// <summary>Gradients from those of the result of the last <see cref="Forward"/>.</summary>
    /// <param name="slopes">To y <c>[M, width]</c>.</param>
    /// <param name="threads">Threads to use.</param>
    /// <returns>To x <c>[M, width]</c>, in memory that the next call uses again, and to the weights in the order and layout of <see cref="SetWeights"/>.</returns>
    public (float[] Hidden, float[] Hyper, float[] HyperBias, float[] Generated, float[] GeneratedBias, float[] Heads) Backward(float[] slopes, int threads)
    {
        RowHalves.Grow(ref _slopes, _rows * _block);
        Array.Clear(RowHalves.Grow(ref _hiddenSlopes, _rows * _width));
        RowHalves.Run(threads, _rows, (first, count, half) => Backward(slopes, first, count, half));
        (float[] hyper, float[] hyperBias) = _hyperGradients.ToTorch();
        return (
            _hiddenSlopes, hyper, hyperBias, _generated.WeightsToTorch(RowHalves.Sum(_sums, g => g.Generated), _hyperWidth), _generated.BiasToTorch(RowHalves.Sum(_sums, g => g.GeneratedBias)),
            HeadsFromShares(RowHalves.Sum(_sums, g => g.Shares)));
    }

    private void Backward(float[] slopes, int first, int count, int half)
    {
        Gradients sums = _sums[half];
        foreach (float[] sum in (ReadOnlySpan<float[]>)[sums.Generated, sums.GeneratedBias, sums.Shares])
            Array.Clear(sum);
        _hyperGradients.Clear(half);
        for (int row = first; row < first + count; row++)
            VectorSlopes(slopes.AsSpan(row * _width, _size), row, sums.Shares);
        float[] zSlopes = new float[count * _hyperWidth], weights = new float[GeneratedWeights.Part * _block], part = new float[GeneratedWeights.Part * _hyperWidth];
        for (int chunk = 0; chunk < count; chunk += GeneratedWeights.Chunk)
        {
            int end = Math.Min(chunk + GeneratedWeights.Chunk, count);
            for (int input = 0; input < _size; input++)
            {
                for (int row = chunk; row < end; row += GeneratedWeights.Part)
                {
                    int together = Math.Min(GeneratedWeights.Part, end - row);
                    Backward(input, first + row, together, sums, weights, part, zSlopes.AsSpan(row * _hyperWidth, together * _hyperWidth));
                }
            }
        }
        for (int i = 0; i < zSlopes.Length; i++)
            zSlopes[i] = _z[first * _hyperWidth + i] > 0 ? zSlopes[i] : 0;
        for (int row = 0; row < count; row++)
            _hyperGradients.AddBias(half, zSlopes.AsSpan(row * _hyperWidth, _hyperWidth));
        _hyperGradients.AddWeights(half, _expected.AsSpan(first * _quantileWidth), zSlopes, count);
    }

    // Through the weights that some rows have for an input.
    private void Backward(int input, int first, int count, Gradients sums, float[] weights, float[] part, Span<float> zSlopes)
    {
        ReadOnlySpan<float> z = _z.AsSpan(first * _hyperWidth);
        _generated.For(input, z, count, weights);
        Span<float> bias = sums.GeneratedBias.AsSpan(input * _block, _block);
        ReadOnlySpan<float> hidden = _hidden!.Kept(first, count);
        for (int i = 0, at = input; i < count; i++, at += _width)
            _hiddenSlopes[first * _width + at] = WeightSlopes(weights.AsSpan(i * _block, _block), _slopes.AsSpan((first + i) * _block, _block), hidden[at], bias);
        DenseKernels.AddOuterProducts(z, _hyperWidth, _hyperWidth, weights, _block, count, sums.Generated.AsSpan(input * _hyperWidth * _block, _hyperWidth * _block));
        DenseKernels.Linear(weights, count, _block, _block, _back.AsSpan(input * _block * _hyperWidth, _block * _hyperWidth), _zeros, part, _hyperWidth);
        TensorPrimitives.Add(zSlopes, part.AsSpan(0, zSlopes.Length), zSlopes);
    }

    // Of the heads' vectors, and of the heads' shares.
    private void VectorSlopes(ReadOnlySpan<float> slopes, int row, float[] shares)
    {
        Span<float> own = _slopes.AsSpan(row * _block, _block);
        Span<float> averaged = own[.._size];
        _generated.Average(_vectors.AsSpan(row * _block, _block), averaged);
        own[_size..].Clear();
        for (int o = 0; o < _size; o++)
        {
            float slope = averaged[o] > 0 ? slopes[o] : 0;
            for (int at = o; at < Outputs; at += _size)
            {
                shares[at] += slope * _vectors[row * _block + at];
                own[at] = slope * _generated.Shares[at];
            }
        }
    }

    // From generated weights before they are cut off to their slopes, in place and added to those of the bias; gives the slope of the input that they weigh.
    private float WeightSlopes(Span<float> weights, ReadOnlySpan<float> slopes, float input, Span<float> bias)
    {
        Vector512<float> sum = default, x = Vector512.Create(input);
        for (int j = 0; j < weights.Length; j += DenseKernels.Lanes)
        {
            Vector512<float> w = Vector512.LoadUnsafe(ref weights[j]), slope = Vector512.LoadUnsafe(in slopes[j]);
            if (_shape.NonNegativeWeights)
            {
                Vector512<float> kept = Vector512.GreaterThan(w, Vector512<float>.Zero);
                (w, slope) = (w & kept, slope & kept);
            }
            sum += w * slope;
            Vector512<float> own = x * slope;
            own.StoreUnsafe(ref weights[j]);
            (Vector512.LoadUnsafe(ref bias[j]) + own).StoreUnsafe(ref bias[j]);
        }
        return Vector512.Sum(sum);
    }

    // Through the softmax over the heads: dh_h = s_h (ds_h - sum_g s_g ds_g).
    private float[] HeadsFromShares(float[] slopes)
    {
        var heads = new float[Outputs];
        for (int o = 0; o < _size; o++)
        {
            float mean = 0;
            for (int at = o; at < Outputs; at += _size)
                mean += _generated.Shares[at] * slopes[at];
            for (int at = o; at < Outputs; at += _size)
                heads[at] = _generated.Shares[at] * (slopes[at] - mean);
        }
        return heads;
    }
}
