using System.Numerics.Tensors;
using SafeMarl.ML.Policies;
using TorchSharp.Modules;
using Tensor = TorchSharp.torch.Tensor;

namespace SafeMarl.ML.Networks;

/// <summary>A value for every alternative: a linear layer after a recurrence, forwards and backwards on managed arrays. One serves one unrolling.</summary>
internal sealed class ValueHead : IStateHead
{
    private readonly Parameter _weight, _bias;
    private readonly Placement _placement;
    private readonly DenseLayer _layer, _toState; // forwards; and back from values
    private readonly Half[] _halves;

    /// <summary>A half's gradients of the weights <c>[width, values' width]</c> and of the bias, and what is in work.</summary>
    private sealed class Half(int inputs, int outputs)
    {
        public readonly float[] Weight = new float[inputs * outputs], Bias = new float[outputs];
        public float[] Values = [], Slopes = [];
    }

    /// <param name="weight">Torch's [alternatives, size].</param>
    /// <param name="bias">Torch's [alternatives].</param>
    /// <param name="placement">Where they live.</param>
    public ValueHead(Parameter weight, Parameter bias, Placement placement)
    {
        (_weight, _bias, _placement) = (weight, bias, placement);
        (int values, int size) = ((int)weight.shape[0], (int)weight.shape[1]);
        (_layer, _toState) = (new DenseLayer(size, values), new DenseLayer(values, size));
        _halves = RowHalves.Each(() => new Half(_toState.Width, _layer.Width));
        float[] weights = weight.ToFloats();
        _layer.SetWeights(weights);
        _layer.SetBias(bias.ToFloats());
        for (int value = 0; value < values; value++)
            weights.AsSpan(value * size, size).CopyTo(_toState.Weights.AsSpan(value * _toState.Width));
    }

    /// <inheritdoc/>
    public int Size => _layer.Outputs;

    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<float> states, int count, Span<float> results, int half)
    {
        float[] values = RowHalves.Grow(ref _halves[half].Values, count * _layer.Width);
        _layer.Apply(states, count, _toState.Width, values);
        for (int i = 0; i < count; i++)
            values.AsSpan(i * _layer.Width, Size).CopyTo(results[(i * Size)..]);
    }

    /// <inheritdoc/>
    public void AddSlopes(ReadOnlySpan<float> states, ReadOnlySpan<float> slopes, int count, Span<float> stateSlopes, int half)
    {
        Half own = _halves[half];
        Span<float> padded = RowHalves.Grow(ref own.Values, count * _layer.Width).AsSpan(0, count * _layer.Width), back = RowHalves.Grow(ref own.Slopes, count * _toState.Width).AsSpan(0, count * _toState.Width);
        padded.Clear();
        for (int i = 0; i < count; i++)
        {
            Span<float> row = padded.Slice(i * _layer.Width, _layer.Width);
            slopes.Slice(i * Size, Size).CopyTo(row);
            TensorPrimitives.Add(own.Bias, row, own.Bias);
        }
        DenseKernels.AddOuterProducts(states, _toState.Width, _toState.Width, padded, _layer.Width, count, own.Weight);
        _toState.Apply(padded, count, _layer.Width, back);
        TensorPrimitives.Add(stateSlopes, back, stateSlopes);
    }

    /// <summary>The gradients by name of parameter.</summary>
    public IReadOnlyDictionary<string, Tensor> EndGradients()
    {
        float[] weight = RowHalves.Sum(_halves, h => h.Weight), torch = new float[Size * _toState.Outputs];
        for (int value = 0; value < Size; value++)
        {
            for (int i = 0; i < _toState.Outputs; i++)
                torch[value * _toState.Outputs + i] = weight[i * _layer.Width + value];
        }
        return new Dictionary<string, Tensor>
        {
            ["weight"] = _placement.Tensor(torch, _weight.shape), ["bias"] = _placement.Tensor(RowHalves.Sum(_halves, h => h.Bias)[..Size], _bias.shape),
        };
    }
}
