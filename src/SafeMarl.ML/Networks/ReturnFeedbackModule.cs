using SafeMarl.Environments;
using SafeMarl.ML.Policies;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SafeMarl.ML.Networks;

/// <summary>The torch module of a <see cref="ReturnFeedback"/>: a layer whose weights a small network makes from the return distribution that was expected before.</summary>
internal sealed class ReturnFeedbackModule : Module
{
    private readonly ReturnFeedback _shape;
    private readonly Linear _hyper, _generated;
    private readonly Parameter _heads;
    private readonly int _size;

    /// <param name="shape">Its sizes.</param>
    /// <param name="size">Width of the hidden layer.</param>
    /// <param name="random">Stream of the initial weights.</param>
    /// <param name="placement">Where the parameters live.</param>
    public ReturnFeedbackModule(ReturnFeedback shape, int size, ref RandomStream random, Placement placement) : base(nameof(ReturnFeedbackModule))
    {
        (_shape, _size) = (shape, size);
        register_module("hyper", _hyper = Linear(shape.Quantiles, shape.HyperSize, device: placement.Device, dtype: placement.Type));
        register_module("generated", _generated = Linear(shape.HyperSize, size * shape.Heads * size, device: placement.Device, dtype: placement.Type));
        register_parameter("heads", _heads = new Parameter(placement.Tensor(new float[shape.Heads * size], shape.Heads, size)));
        _hyper.BeginUniform(shape.Quantiles, ref random);
        _generated.BeginUniform(shape.HyperSize, ref random);
    }

    /// <summary>Hidden layers [M, size] and return distributions [M, K] to hidden layers [M, size].</summary>
    public Tensor forward(Tensor hidden, Tensor expected)
    {
        long rows = hidden.shape[0];
        Tensor weights = _generated.forward(functional.relu(_hyper.forward(expected))); // [M, size heads size]
        if (_shape.NonNegativeWeights)
            weights = functional.relu(weights);
        Tensor vectors = hidden.unsqueeze(1).bmm(weights.view(rows, _size, _shape.Heads * _size)).view(rows, _shape.Heads, _size);
        return functional.relu((vectors * _heads.softmax(0)).sum([1]));
    }
}
