using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using SafeMarl.ML.Policies;

namespace SafeMarl.ML.Networks;

/// <summary>
/// The layer of a <see cref="ReturnFeedback"/> over many rows, forwards and backwards, on managed arrays: with <c>z = ReLU(A e + a)</c> of a row's return distribution e and the weights
/// <c>W = ReLU(B z + b)</c> that it makes, a hidden layer x becomes <c>y = ReLU(sum_h s_h W_h x)</c>, s being the softmax of the heads. Every row has thousands of weights of its own: they are made for
/// one input after the other and are never in memory together.
/// </summary>
internal sealed class GeneratedLayer
{
    private const int Chunk = 64; // rows whose weights from an input are in the first-level cache together

    private readonly ReturnFeedback _shape;
    private readonly int _size, _width, _block, _quantileWidth, _hyperWidth; // _block: outputs of all heads; widths are padded sizes
    private readonly DenseLayer _hyper;
    private readonly float[] _generated, _generatedBias, _back, _shares, _zeros; // [size, hyper, block], [size, block], [size, block, hyperWidth], [block], [hyperWidth]
    private readonly Gradients[] _sums;
    private float[] _hidden = [], _expected = [], _z = [], _vectors = [], _slopes = [], _result = [], _hiddenSlopes = []; // [M, width], [M, quantileWidth], [M, hyperWidth], [M, block] twice, [M, width] twice
    private int _rows;

    /// <summary>Gradients: of A^T, a, B^T by input, b and s.</summary>
    private sealed record Gradients(float[] Hyper, float[] HyperBias, float[] Generated, float[] GeneratedBias, float[] Shares);

    /// <param name="shape">Its sizes.</param>
    /// <param name="size">Width of the hidden layer.</param>
    public GeneratedLayer(ReturnFeedback shape, int size)
    {
        (_shape, _size, _width) = (shape, size, DenseKernels.Padded(size));
        (_block, _quantileWidth, _hyperWidth) = (DenseKernels.Padded(shape.Heads * size), DenseKernels.Padded(shape.Quantiles), DenseKernels.Padded(shape.HyperSize));
        _hyper = new DenseLayer(shape.Quantiles, shape.HyperSize);
        (_generated, _generatedBias) = (new float[size * shape.HyperSize * _block], new float[size * _block]);
        (_back, _shares, _zeros) = (new float[size * _block * _hyperWidth], new float[_block], new float[_hyperWidth]);
        _sums = RowHalves.Each(() => new Gradients(
            new float[_quantileWidth * _hyperWidth], new float[_hyperWidth], new float[size * _hyperWidth * _block], new float[size * _block], new float[_block]));
    }

    private int Outputs => _shape.Heads * _size;

    /// <summary>Sets the weights from torch's layout: A, a, B, b and the heads.</summary>
    public void SetWeights(float[] hyper, float[] hyperBias, float[] generated, float[] generatedBias, float[] heads)
    {
        _hyper.SetWeights(hyper);
        _hyper.SetBias(hyperBias);
        for (int i = 0; i < _size; i++)
        {
            for (int j = 0; j < Outputs; j++)
            {
                int output = i * Outputs + j;
                _generatedBias[i * _block + j] = generatedBias[output];
                ReadOnlySpan<float> weights = generated.AsSpan(output * _shape.HyperSize, _shape.HyperSize);
                weights.CopyTo(_back.AsSpan((i * _block + j) * _hyperWidth));
                for (int k = 0; k < weights.Length; k++)
                    _generated[(i * _shape.HyperSize + k) * _block + j] = weights[k];
            }
        }
        for (int o = 0; o < _size; o++)
        {
            double sum = Enumerable.Range(0, _shape.Heads).Sum(h => Math.Exp(heads[h * _size + o]));
            for (int h = 0; h < _shape.Heads; h++)
                _shares[h * _size + o] = (float)(Math.Exp(heads[h * _size + o]) / sum);
        }
    }

    /// <summary>Passes rows through.</summary>
    /// <param name="hidden">x <c>[M, width]</c>, kept for gradients.</param>
    /// <param name="expected">e <c>[M, K]</c></param>
    /// <param name="rows">M.</param>
    /// <param name="threads">Threads to use.</param>
    /// <returns>y <c>[M, width]</c>, in memory that the next call uses again.</returns>
    public float[] Forward(float[] hidden, float[] expected, int rows, int threads)
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
            Array.Clear(_vectors, first * _block, count * _block);
            ForChunks(first, count, (input, row, rows, weights) =>
            {
                for (int r = 0; r < rows; r++)
                {
                    Span<float> vectors = _vectors.AsSpan((row + r) * _block, _block), own = weights.AsSpan(r * _block, _block);
                    if (_shape.NonNegativeWeights)
                        TensorPrimitives.Max(own, 0f, own);
                    TensorPrimitives.MultiplyAdd(own, _hidden[(row + r) * _width + input], vectors, vectors);
                }
            });
            for (int row = first; row < first + count; row++)
                TensorPrimitives.Max(Averaged(row, _result.AsSpan(row * _width, _size)), 0f, _result.AsSpan(row * _width, _size));
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
        RowHalves.Run(threads, _rows, (first, count, half) => Backward(slopes, first, count, _sums[half]));
        return (
            _hiddenSlopes, HyperToTorch(RowHalves.Sum(_sums, g => g.Hyper)), RowHalves.Sum(_sums, g => g.HyperBias)[.._shape.HyperSize], GeneratedToTorch(RowHalves.Sum(_sums, g => g.Generated)),
            BiasToTorch(RowHalves.Sum(_sums, g => g.GeneratedBias)), HeadsFromShares(RowHalves.Sum(_sums, g => g.Shares)));
    }

    private void Backward(float[] slopes, int first, int count, Gradients sums)
    {
        foreach (float[] sum in (ReadOnlySpan<float[]>)[sums.Hyper, sums.HyperBias, sums.Generated, sums.GeneratedBias, sums.Shares])
            Array.Clear(sum);
        for (int row = first; row < first + count; row++)
            VectorSlopes(slopes.AsSpan(row * _width, _size), row, sums.Shares);
        float[] zSlopes = new float[count * _hyperWidth], part = new float[Chunk * _hyperWidth];
        ForChunks(first, count, (input, row, rows, weights) =>
        {
            for (int r = 0; r < rows; r++)
            {
                int at = (row + r) * _width + input;
                Span<float> own = weights.AsSpan(r * _block, _block);
                _hiddenSlopes[at] = WeightSlopes(own, _slopes.AsSpan((row + r) * _block, _block), _hidden[at]);
                Span<float> bias = sums.GeneratedBias.AsSpan(input * _block, _block);
                TensorPrimitives.Add(bias, own, bias);
            }
            DenseKernels.AddOuterProducts(_z.AsSpan(row * _hyperWidth), _hyperWidth, _hyperWidth, weights, _block, rows, sums.Generated.AsSpan(input * _hyperWidth * _block, _hyperWidth * _block));
            DenseKernels.Linear(weights, rows, _block, _block, _back.AsSpan(input * _block * _hyperWidth, _block * _hyperWidth), _zeros, part, _hyperWidth);
            Span<float> target = zSlopes.AsSpan((row - first) * _hyperWidth, rows * _hyperWidth);
            TensorPrimitives.Add(target, part.AsSpan(0, rows * _hyperWidth), target);
        });
        for (int i = 0; i < zSlopes.Length; i++)
            zSlopes[i] = _z[first * _hyperWidth + i] > 0 ? zSlopes[i] : 0;
        for (int row = 0; row < count; row++)
            TensorPrimitives.Add(sums.HyperBias, zSlopes.AsSpan(row * _hyperWidth, _hyperWidth), sums.HyperBias);
        DenseKernels.AddOuterProducts(_expected.AsSpan(first * _quantileWidth), _quantileWidth, _quantileWidth, zSlopes, _hyperWidth, count, sums.Hyper);
    }

    // sum_h s_h v_h
    private Span<float> Averaged(int row, Span<float> result)
    {
        result.Clear();
        for (int h = 0; h < _shape.Heads; h++)
            TensorPrimitives.MultiplyAdd(_vectors.AsSpan(row * _block + h * _size, _size), _shares.AsSpan(h * _size, _size), result, result);
        return result;
    }

    // Of the heads' vectors, and of the heads' shares.
    private void VectorSlopes(ReadOnlySpan<float> slopes, int row, float[] shares)
    {
        Span<float> own = _slopes.AsSpan(row * _block, _block);
        own.Clear();
        Span<float> averaged = Averaged(row, own[.._size]);
        for (int o = 0; o < _size; o++)
        {
            float slope = averaged[o] > 0 ? slopes[o] : 0;
            for (int at = o; at < Outputs; at += _size)
            {
                shares[at] += slope * _vectors[row * _block + at];
                own[at] = slope * _shares[at];
            }
        }
    }

    // From generated weights before they are cut off to their slopes, in place; gives the slope of the input that they weigh.
    private float WeightSlopes(Span<float> weights, ReadOnlySpan<float> slopes, float input)
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
            (x * slope).StoreUnsafe(ref weights[j]);
        }
        return Vector512.Sum(sum);
    }

    // The weights that rows have for an input, for all of a half's rows and inputs; an input's weights stay in the cache for all rows.
    private void ForChunks(int first, int count, Action<int, int, int, float[]> work)
    {
        var weights = new float[Chunk * _block];
        for (int input = 0; input < _size; input++)
        {
            for (int row = first; row < first + count; row += Chunk)
            {
                int rows = Math.Min(Chunk, first + count - row);
                DenseKernels.Linear(
                    _z.AsSpan(row * _hyperWidth), rows, _hyperWidth, _shape.HyperSize, _generated.AsSpan(input * _shape.HyperSize * _block, _shape.HyperSize * _block),
                    _generatedBias.AsSpan(input * _block, _block), weights, _block);
                work(input, row, rows, weights);
            }
        }
    }

    // [K, H] to [H, K].
    private float[] HyperToTorch(float[] values)
    {
        var torch = new float[_shape.HyperSize * _shape.Quantiles];
        for (int k = 0; k < _shape.HyperSize; k++)
        {
            for (int q = 0; q < _shape.Quantiles; q++)
                torch[k * _shape.Quantiles + q] = values[q * _hyperWidth + k];
        }
        return torch;
    }

    // [size, H, block] to [size outputs, H].
    private float[] GeneratedToTorch(float[] values)
    {
        var torch = new float[_size * Outputs * _shape.HyperSize];
        for (int i = 0; i < _size; i++)
        {
            for (int j = 0; j < Outputs; j++)
            {
                for (int k = 0; k < _shape.HyperSize; k++)
                    torch[(i * Outputs + j) * _shape.HyperSize + k] = values[(i * _hyperWidth + k) * _block + j];
            }
        }
        return torch;
    }

    private float[] BiasToTorch(float[] values)
    {
        var torch = new float[_size * Outputs];
        for (int i = 0; i < _size; i++)
            values.AsSpan(i * _block, Outputs).CopyTo(torch.AsSpan(i * Outputs));
        return torch;
    }

    // Through the softmax over the heads: dh_h = s_h (ds_h - sum_g s_g ds_g).
    private float[] HeadsFromShares(float[] slopes)
    {
        var heads = new float[Outputs];
        for (int o = 0; o < _size; o++)
        {
            float mean = 0;
            for (int at = o; at < Outputs; at += _size)
                mean += _shares[at] * slopes[at];
            for (int at = o; at < Outputs; at += _size)
                heads[at] = _shares[at] * (slopes[at] - mean);
        }
        return heads;
    }
}
