using SafeMarl.Environments;
using SafeMarl.ML.Policies;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SafeMarl.ML.Networks;

/// <summary>A layer whose weights a small network makes from the return distribution that was expected before (<see cref="ReturnFeedback"/>): its parameters are torch's, the rest a <see cref="GeneratedLayer"/>.</summary>
internal sealed class ReturnFeedbackModule : nn.Module
{
    private static readonly string[] ParameterNames = ["hyper.weight", "hyper.bias", "generated.weight", "generated.bias", "heads"];

    private readonly Parameter[] _parameters; // in this order, which is that of GeneratedLayer.SetWeights
    private readonly GeneratedLayer _layer;
    private readonly Placement _placement;

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

    /// <summary>Passes hidden layers through.</summary>
    /// <param name="hidden"><c>[M, width]</c>, kept for gradients.</param>
    /// <param name="expected">Return distributions <c>[M, K]</c>.</param>
    /// <param name="rows">M.</param>
    /// <param name="threads">Threads to use.</param>
    /// <returns><c>[M, width]</c>, in memory that the next call uses again.</returns>
    public float[] Evaluate(float[] hidden, float[] expected, int rows, int threads)
    {
        float[][] weights = [.. _parameters.Select(p => p.ToFloats())];
        _layer.SetWeights(weights[0], weights[1], weights[2], weights[3], weights[4]);
        return _layer.Forward(hidden, expected, rows, threads);
    }

    /// <summary>Gradients of a loss, given those to what the last <see cref="Evaluate"/> gave.</summary>
    /// <param name="slopes"><c>[M, width]</c></param>
    /// <param name="threads">Threads to use.</param>
    /// <returns>To the hidden layers <c>[M, width]</c>, and to the parameters by name.</returns>
    public (float[] Hidden, IReadOnlyDictionary<string, Tensor> Parameters) GradientsOf(float[] slopes, int threads)
    {
        (float[] hidden, float[] hyper, float[] hyperBias, float[] generated, float[] generatedBias, float[] heads) = _layer.Backward(slopes, threads);
        float[][] gradients = [hyper, hyperBias, generated, generatedBias, heads];
        return (hidden, ParameterNames.Index().ToDictionary(p => p.Item, p => _placement.Tensor(gradients[p.Index], _parameters[p.Index].shape)));
    }
}
