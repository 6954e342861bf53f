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
    private readonly LayerGradients _gradients;
    private readonly Scratch[] _scratch = RowHalves.Each(() => new Scratch());

    /// <summary>What is in work in a half.</summary>
    private sealed class Scratch
    {
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
        _gradients = new LayerGradients(_layer, _toState.Width);
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
        float[] values = RowHalves.Grow(ref _scratch[half].Values, count * _layer.Width);
        _layer.Apply(states, count, _toState.Width, values);
        for (int i = 0; i < count; i++)
            values.AsSpan(i * _layer.Width, Size).CopyTo(results[(i * Size)..]);
    }

    /// <inheritdoc/>
    public void AddSlopes(ReadOnlySpan<float> states, ReadOnlySpan<float> slopes, int count, Span<float> stateSlopes, int half)
    {
        Scratch own = _scratch[half];
        Span<float> padded = RowHalves.Grow(ref own.Values, count * _layer.Width).AsSpan(0, count * _layer.Width), back = RowHalves.Grow(ref own.Slopes, count * _toState.Width).AsSpan(0, count * _toState.Width);
        padded.Clear();
        for (int i = 0; i < count; i++)
        {
            Span<float> row = padded.Slice(i * _layer.Width, _layer.Width);
            slopes.Slice(i * Size, Size).CopyTo(row);
            _gradients.AddBias(half, row);
        }
        _gradients.AddWeights(half, states, padded, count);
        _toState.Apply(padded, count, _layer.Width, back);
        TensorPrimitives.Add(stateSlopes, back, stateSlopes);
    }

    /// <summary>The gradients by name of parameter.</summary>
    public IReadOnlyDictionary<string, Tensor> EndGradients()
    {
        (float[] weights, float[] bias) = _gradients.ToTorch();
        return new Dictionary<string, Tensor> { ["weight"] = _placement.Tensor(weights, _weight.shape), ["bias"] = _placement.Tensor(bias, _bias.shape) };
    }
}
