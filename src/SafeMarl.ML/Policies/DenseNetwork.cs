using System.Runtime.CompilerServices;

namespace SafeMarl.ML.Policies;

/// <summary>
/// Managed inference of a <see cref="NetworkShape"/>: no libtorch, no allocation, safe to call from several threads at once (but not while
/// weights are being set).
/// </summary>
internal sealed class DenseNetwork : IPolicyNetwork
{
    private readonly Layer[] _layers;
    private readonly Norm? _inputNorm;
    private readonly int _width;

    private sealed record Layer(string Name, DenseLayer Linear, Norm? Norm);

    private sealed record Norm(float[] Weight, float[] Bias)
    {
        public static Norm Of(int size) => new(new float[size], new float[size]);
    }

    public DenseNetwork(NetworkShape shape)
    {
        Shape = shape;
        _inputNorm = shape.InputNorm ? Norm.Of(shape.Inputs) : null;
        _layers = new Layer[shape.HiddenLayers + 1];
        for (int i = 0; i <= shape.HiddenLayers; i++)
        {
            bool last = i == shape.HiddenLayers;
            int inputs = i == 0 ? shape.Inputs : shape.HiddenSize, outputs = last ? shape.Outputs : shape.HiddenSize;
            _layers[i] = new Layer(last ? "output" : $"hidden{i}", new DenseLayer(inputs, outputs), shape.LayerNorm && !last ? Norm.Of(outputs) : null);
        }
        _width = DenseKernels.Padded(Math.Max(shape.Inputs, Math.Max(shape.HiddenSize, shape.Outputs)));
    }

    public NetworkShape Shape { get; }

    public void Set(string name, ReadOnlySpan<float> values)
    {
        if (NormVector(name) is { } vector)
            values.CopyTo(vector);
        else if (name.EndsWith(".weight", StringComparison.Ordinal))
            LayerOf(name).Linear.SetWeights(values);
        else
            LayerOf(name).Linear.SetBias(values);
    }

    public float[] Get(string name) =>
        NormVector(name) is { } vector ? [.. vector] : name.EndsWith(".weight", StringComparison.Ordinal) ? LayerOf(name).Linear.GetWeights() : LayerOf(name).Linear.GetBias();

    /// <summary>Computes the outputs for several inputs.</summary>
    /// <param name="inputs">The first input begins at 0, the next one at <paramref name="stride"/>.</param>
    /// <param name="rows">Number of inputs.</param>
    /// <param name="stride">Distance between inputs.</param>
    /// <param name="outputs">Receives the outputs <c>[rows, outputs]</c>.</param>
    [SkipLocalsInit]
    public void Forward(ReadOnlySpan<float> inputs, int rows, int stride, Span<float> outputs)
    {
        int half = DenseKernels.RowTile * _width;
        using var large = new LargeScratch(2 * half);
        Span<float> scratch = large.IsNeeded ? large.Span : stackalloc float[2 * half], first = scratch[..half], second = scratch[half..];
        for (int row = 0; row < rows; row += DenseKernels.RowTile)
        {
            int count = Math.Min(DenseKernels.RowTile, rows - row);
            ReadOnlySpan<float> result = Tile(inputs[(row * stride)..], count, stride, first, second);
            for (int i = 0; i < count; i++)
                result.Slice(i * _layers[^1].Linear.Width, Shape.Outputs).CopyTo(outputs[((row + i) * Shape.Outputs)..]);
        }
    }

    private ReadOnlySpan<float> Tile(ReadOnlySpan<float> x, int rows, int stride, Span<float> buffer, Span<float> other)
    {
        if (_inputNorm is not null)
        {
            DenseKernels.Normalize(x, rows, stride, Shape.Inputs, _inputNorm.Weight, _inputNorm.Bias, buffer, Shape.Inputs);
            x = buffer;
            stride = Shape.Inputs;
            Swap(ref buffer, ref other);
        }
        for (int i = 0; i < _layers.Length; i++)
        {
            Layer layer = _layers[i];
            int width = layer.Linear.Width;
            layer.Linear.Apply(x, rows, stride, buffer);
            if (i < Shape.HiddenLayers)
                DenseKernels.Activate(buffer[..(rows * width)], Shape.ActivationOf(i));
            if (layer.Norm is not null)
                DenseKernels.Normalize(buffer, rows, width, Shape.HiddenSize, layer.Norm.Weight, layer.Norm.Bias, buffer, width);
            x = buffer;
            stride = width;
            Swap(ref buffer, ref other);
        }
        return x;
    }

    private Layer LayerOf(string parameter) => _layers.First(l => parameter.StartsWith(l.Name + ".", StringComparison.Ordinal));

    // A norm's weight or bias, or null when the name is of another parameter.
    private float[]? NormVector(string name)
    {
        if (!name.Contains("norm", StringComparison.Ordinal))
            return null;
        Norm norm = name.StartsWith("input_norm", StringComparison.Ordinal) ? _inputNorm! : _layers[int.Parse(name.AsSpan("norm".Length, name.IndexOf('.') - "norm".Length))].Norm!;
        return name.EndsWith(".weight", StringComparison.Ordinal) ? norm.Weight : norm.Bias;
    }

    private static void Swap(ref Span<float> a, ref Span<float> b)
    {
        Span<float> t = a;
        a = b;
        b = t;
    }
}
