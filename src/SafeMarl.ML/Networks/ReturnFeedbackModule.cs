using SafeMarl.Environments;
using SafeMarl.ML.Policies;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SafeMarl.ML.Networks;

/// <summary>
/// A layer whose weights a small network makes from the return distribution that was expected before (<see cref="ReturnFeedback"/>): its parameters are torch's, the rest a
/// <see cref="GeneratedLayer"/>. All rows pass through at once, as the weights are many.
/// </summary>
internal sealed class ReturnFeedbackModule : nn.Module, IRowLayer
{
    private static readonly string[] ParameterNames = ["hyper.weight", "hyper.bias", "generated.weight", "generated.bias", "heads"];

    private readonly Parameter[] _parameters; // in this order, which is that of GeneratedLayer.SetWeights
    private readonly GeneratedLayer _layer;
    private readonly Placement _placement;
    private float[] _results = [], _slopes = []; // [M, width]

    /// <param name="shape">Its sizes.</param>
    /// <param name="size">Width of the hidden layer.</param>
    /// <param name="random">Stream of the initial weights.</param>
    /// <param name="placement">Where the parameters live.</param>
    public ReturnFeedbackModule(ReturnFeedback shape, int size, ref RandomStream random, Placement placement) : base(nameof(ReturnFeedbackModule))
    {
        (_layer, _placement) = (new GeneratedLayer(shape, size), placement);
        Linear hyper = Linear(shape.Quantiles, shape.HyperSize, device: placement.Device, dtype: placement.Type);
        Linear generated = Linear(shape.HyperSize, size * shape.Heads * size, device: placement.Device, dtype: placement.Type);
        var heads = new Parameter(placement.Tensor(new float[shape.Heads * size], shape.Heads, size));
        register_module("hyper", hyper);
        register_module("generated", generated);
        register_parameter("heads", heads);
        hyper.BeginUniform(shape.Quantiles, ref random);
        generated.BeginUniform(shape.HyperSize, ref random);
        _parameters = [.. hyper.parameters(), .. generated.parameters(), heads];
    }

    /// <summary>Passes all hidden layers through.</summary>
    /// <param name="hidden">Has them <c>[M, width]</c>; asked again for gradients.</param>
    /// <param name="expected">Return distributions <c>[M, K]</c>.</param>
    /// <param name="rows">M.</param>
    /// <param name="threads">Threads to use.</param>
    public void Evaluate(IRowLayer hidden, float[] expected, int rows, int threads)
    {
        float[][] weights = [.. _parameters.Select(p => p.ToFloats())];
        _layer.SetWeights(weights[0], weights[1], weights[2], weights[3], weights[4]);
        _results = _layer.Forward(hidden, expected, rows, threads);
        RowHalves.Grow(ref _slopes, rows * _layer.Width);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Forward(int first, int count, int half) => Kept(first, count);

    /// <inheritdoc/>
    public ReadOnlySpan<float> Kept(int first, int count) => _results.AsSpan(first * _layer.Width, count * _layer.Width);

    /// <inheritdoc/>
    public void Backward(int first, int count, Span<float> slopes, int half) => slopes.CopyTo(_slopes.AsSpan(first * _layer.Width));

    /// <summary>Gradients of a loss, given those that <see cref="Backward"/> was told of all rows.</summary>
    /// <param name="threads">Threads to use.</param>
    /// <returns>To the hidden layers <c>[M, width]</c>, and to the parameters by name.</returns>
    public (float[] Hidden, IReadOnlyDictionary<string, Tensor> Parameters) GradientsOf(int threads)
    {
        (float[] hidden, float[] hyper, float[] hyperBias, float[] generated, float[] generatedBias, float[] heads) = _layer.Backward(_slopes, threads);
        float[][] gradients = [hyper, hyperBias, generated, generatedBias, heads];
        return (hidden, ParameterNames.Index().ToDictionary(p => p.Item, p => _placement.Tensor(gradients[p.Index], _parameters[p.Index].shape)));
    }
}
