using System.Runtime.CompilerServices;

namespace SafeMarl.ML.Policies;

/// <summary>
/// Managed inference of a <see cref="NetworkShape"/>: no libtorch, no allocation, safe to call from several threads at once (but not while
/// weights are being set).
/// </summary>
internal sealed class DenseNetwork
{
    private readonly Dictionary<string, float[]> _vectors = [];
    private readonly Layer[] _layers;
    private readonly float[]? _inputNormWeight, _inputNormBias;
    private readonly int _width;

    private sealed record Layer(int Inputs, int Outputs, float[] Weights, float[] Bias, float[]? NormWeight, float[]? NormBias);

    public DenseNetwork(NetworkShape shape)
    {
        Shape = shape;
        if (shape.InputNorm)
            (_inputNormWeight, _inputNormBias) = (Vector("input_norm.weight", shape.Inputs), Vector("input_norm.bias", shape.Inputs));
        _layers = new Layer[shape.HiddenLayers + 1];
        for (int i = 0; i <= shape.HiddenLayers; i++)
        {
            bool last = i == shape.HiddenLayers;
            int inputs = i == 0 ? shape.Inputs : shape.HiddenSize, outputs = last ? shape.Outputs : shape.HiddenSize, padded = Padded(outputs);
            string name = last ? "output" : $"hidden{i}";
            bool norm = shape.LayerNorm && !last;
            _layers[i] = new Layer(inputs, padded, new float[inputs * padded], Vector($"{name}.bias", padded),
                norm ? Vector($"norm{i}.weight", outputs) : null, norm ? Vector($"norm{i}.bias", outputs) : null);
        }
        _width = Padded(Math.Max(shape.Inputs, Math.Max(shape.HiddenSize, shape.Outputs)));
    }

    public NetworkShape Shape { get; }

    /// <summary>Sets a parameter from torch's layout, a matrix being <c>[out, in]</c>.</summary>
    public void Set(string name, ReadOnlySpan<float> values)
    {
        if (_vectors.TryGetValue(name, out float[]? vector))
        {
            values.CopyTo(vector);
            return;
        }
        Layer layer = LayerOf(name);
        int outputs = values.Length / layer.Inputs;
        for (int o = 0; o < outputs; o++)
        {
            for (int i = 0; i < layer.Inputs; i++)
                layer.Weights[i * layer.Outputs + o] = values[o * layer.Inputs + i];
        }
    }

    /// <summary>A parameter in torch's layout.</summary>
    public float[] Get(string name, long[] shape)
    {
        if (_vectors.TryGetValue(name, out float[]? vector))
            return vector[..(int)shape[0]];
        Layer layer = LayerOf(name);
        var values = new float[shape[0] * shape[1]];
        for (int o = 0; o < shape[0]; o++)
        {
            for (int i = 0; i < layer.Inputs; i++)
                values[o * layer.Inputs + i] = layer.Weights[i * layer.Outputs + o];
        }
        return values;
    }

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
                result.Slice(i * _layers[^1].Outputs, Shape.Outputs).CopyTo(outputs[((row + i) * Shape.Outputs)..]);
        }
    }

    private ReadOnlySpan<float> Tile(ReadOnlySpan<float> x, int rows, int stride, Span<float> buffer, Span<float> other)
    {
        if (_inputNormWeight is not null)
        {
            DenseKernels.Normalize(x, rows, stride, Shape.Inputs, _inputNormWeight, _inputNormBias, buffer, Shape.Inputs);
            x = buffer;
            stride = Shape.Inputs;
            Swap(ref buffer, ref other);
        }
        for (int i = 0; i < _layers.Length; i++)
        {
            Layer layer = _layers[i];
            DenseKernels.Linear(x, rows, stride, layer.Inputs, layer.Weights, layer.Bias, buffer, layer.Outputs);
            if (i < Shape.HiddenLayers)
                DenseKernels.Activate(buffer[..(rows * layer.Outputs)], Shape.ActivationOf(i));
            if (layer.NormWeight is not null)
                DenseKernels.Normalize(buffer, rows, layer.Outputs, Shape.HiddenSize, layer.NormWeight, layer.NormBias, buffer, layer.Outputs);
            x = buffer;
            stride = layer.Outputs;
            Swap(ref buffer, ref other);
        }
        return x;
    }

    private Layer LayerOf(string weight) =>
        weight == "output.weight" ? _layers[^1] : _layers[int.Parse(weight.AsSpan("hidden".Length, weight.IndexOf('.') - "hidden".Length))];

    private static void Swap(ref Span<float> a, ref Span<float> b)
    {
        Span<float> t = a;
        a = b;
        b = t;
    }

    private static int Padded(int size) => (size + DenseKernels.Lanes - 1) / DenseKernels.Lanes * DenseKernels.Lanes;

    private float[] Vector(string name, int size) => _vectors[name] = new float[size];
}
