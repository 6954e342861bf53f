namespace SafeMarl.ML.Policies;

/// <summary>A linear layer as <see cref="DenseKernels"/> want it: <c>y = x W + b</c>, W being <c>[inputs, width]</c>.</summary>
internal sealed class DenseLayer
{
    private readonly int _block, _padded;

    /// <param name="inputs">Numbers in.</param>
    /// <param name="outputs">Numbers out.</param>
    /// <param name="blocks">Equal parts of the outputs, each of which is padded by itself.</param>
    public DenseLayer(int inputs, int outputs, int blocks = 1)
    {
        (Inputs, Outputs, _block) = (inputs, outputs, outputs / blocks);
        _padded = DenseKernels.Padded(_block);
        Width = blocks * _padded;
        (Weights, Bias) = (new float[inputs * Width], new float[Width]);
    }

    public int Inputs { get; }

    public int Outputs { get; }

    /// <summary>Outputs with their padding, which is always 0.</summary>
    public int Width { get; }

    /// <summary>[inputs, width]</summary>
    public float[] Weights { get; }

    /// <summary>[width]</summary>
    public float[] Bias { get; }

    /// <summary>The weights that an input has <c>[width]</c>.</summary>
    public ReadOnlySpan<float> WeightsOf(int input) => Weights.AsSpan(input * Width, Width);

    /// <summary>The outputs for several rows.</summary>
    /// <param name="x">Row i begins at <c>i * stride</c>.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="stride">Distance between rows.</param>
    /// <param name="y">Receives <c>[rows, width]</c>.</param>
    public void Apply(ReadOnlySpan<float> x, int rows, int stride, Span<float> y) => DenseKernels.Linear(x, rows, stride, Inputs, Weights, Bias, y, Width);

    /// <summary>Sets the weights from torch's layout <c>[out, in]</c>.</summary>
    public void SetWeights(ReadOnlySpan<float> values)
    {
        for (int o = 0; o < Outputs; o++)
        {
            for (int i = 0, column = ColumnOf(o); i < Inputs; i++)
                Weights[i * Width + column] = values[o * Inputs + i];
        }
    }

    /// <summary>The weights in torch's layout.</summary>
    public float[] GetWeights() => WeightsToTorch(Weights);

    /// <summary>Numbers that lie as the weights do, in torch's layout.</summary>
    public float[] WeightsToTorch(ReadOnlySpan<float> values)
    {
        var torch = new float[Outputs * Inputs];
        for (int o = 0; o < Outputs; o++)
        {
            for (int i = 0, column = ColumnOf(o); i < Inputs; i++)
                torch[o * Inputs + i] = values[i * Width + column];
        }
        return torch;
    }

    public void SetBias(ReadOnlySpan<float> values)
    {
        for (int o = 0; o < Outputs; o++)
            Bias[ColumnOf(o)] = values[o];
    }

    public float[] GetBias() => BiasToTorch(Bias);

    /// <summary>Numbers that lie as the bias does, without padding.</summary>
    public float[] BiasToTorch(float[] values) => [.. Enumerable.Range(0, Outputs).Select(o => values[ColumnOf(o)])];

    private int ColumnOf(int output) => output / _block * _padded + output % _block;
}
