using SafeMarl.Environments;
using SafeMarl.ML.Policies;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SafeMarl.ML.Networks;

/// <summary>The torch module of a <see cref="NetworkShape"/>: parameters have the shape's names.</summary>
internal sealed class DenseModule : Module<Tensor, Tensor>
{
    private const long EvaluationRows = 256;

    private readonly NetworkShape _shape;
    private readonly LayerNorm? _inputNorm;
    private readonly Linear[] _layers;
    private readonly LayerNorm[] _norms;

    /// <summary>Makes a network, by default with orthogonal weights (hidden gain as the peers: 5/3 for tanh, otherwise sqrt 2) and zero biases.</summary>
    /// <param name="shape">Layers and sizes.</param>
    /// <param name="outputGain">Gain of the last layer: 0.01 for policies, 1 for critics (MACPO, HARL).</param>
    /// <param name="random">Stream of the initial weights.</param>
    /// <param name="placement">Where the parameters live.</param>
    /// <param name="initialization">How the weights begin.</param>
    /// <param name="outputBias">Whether the last layer has a bias; policies have one.</param>
    public DenseModule(NetworkShape shape, double outputGain, ref RandomStream random, Placement placement, Initialization initialization = Initialization.Orthogonal,
        bool outputBias = true)
        : base(nameof(DenseModule))
    {
        _shape = shape;
        if (shape.InputNorm)
            register_module("input_norm", _inputNorm = Norm(shape.Inputs, placement));
        _layers = new Linear[shape.HiddenLayers + 1];
        _norms = new LayerNorm[shape.LayerNorm ? shape.HiddenLayers : 0];
        for (int i = 0; i < _layers.Length; i++)
        {
            bool last = i == shape.HiddenLayers;
            int inputs = i == 0 ? shape.Inputs : shape.HiddenSize, outputs = last ? shape.Outputs : shape.HiddenSize;
            _layers[i] = Linear(inputs, outputs, hasBias: !last || outputBias, device: placement.Device, dtype: placement.Type);
            register_module(last ? "output" : $"hidden{i}", _layers[i]);
            if (i < _norms.Length)
                register_module($"norm{i}", _norms[i] = Norm(shape.HiddenSize, placement));
        }
        if (initialization == Initialization.Uniform)
            BeginUniform(ref random);
        else
            BeginOrthogonal(outputGain, ref random);
    }

    /// <summary>Linear layers with ReLU in between, as torch begins them.</summary>
    public static DenseModule Perceptron(int inputs, int outputs, int hiddenLayers, int hiddenSize, ref RandomStream random, Placement placement, bool outputBias = true) => new(
        new NetworkShape(inputs, outputs, hiddenSize, hiddenLayers, Activation.ReLU, InputNorm: false, LayerNorm: false), outputGain: 1, ref random, placement, Initialization.Uniform, outputBias);

    /// <summary>The network's layers and sizes.</summary>
    public NetworkShape Shape => _shape;

    /// <summary>[B, inputs] to [B, outputs].</summary>
    public override Tensor forward(Tensor input) => AfterFirst(_layers[0].forward(_inputNorm is null ? input : _inputNorm.forward(input)));

    /// <summary>What several networks give for the same input [B, inputs]: their first layers are one product. They have biases, and no norm of inputs.</summary>
    public static Tensor[] Together(Tensor input, params ReadOnlySpan<DenseModule> networks)
    {
        Parameter[][] first = [.. networks.ToArray().Select(n => n._layers[0].parameters().ToArray())]; // weight and bias
        Tensor all = functional.linear(input, cat([.. first.Select(p => p[0])]), cat([.. first.Select(p => p[1])])); // [B, outputs of all first layers]
        var outputs = new Tensor[networks.Length];
        long at = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            long size = first[i][1].shape[0];
            outputs[i] = networks[i].AfterFirst(all.narrow(1, at, size));
            at += size;
        }
        return outputs;
    }

    // What follows the first layer's product.
    private Tensor AfterFirst(Tensor x)
    {
        for (int i = 0; i < _shape.HiddenLayers; i++)
        {
            x = _shape.ActivationOf(i) switch
            {
                Activation.ReLU => functional.relu(x),
                Activation.Tanh => x.tanh(),
                _ => functional.elu(x, 1),
            };
            if (i < _norms.Length)
                x = _norms[i].forward(x);
            x = _layers[i + 1].forward(x); // [B, hidden], at last [B, outputs]
        }
        return x;
    }

    /// <summary>
    /// The outputs for many inputs without gradients, a few rows at a time: intermediate results then stay in the processor's cache, which is
    /// twice as fast for a whole rollout.
    /// </summary>
    public Tensor Evaluate(Tensor inputs)
    {
        using var guard = no_grad();
        var parts = new List<Tensor>();
        for (long row = 0; row < inputs.shape[0]; row += EvaluationRows)
        {
            using var scope = NewDisposeScope();
            parts.Add(forward(inputs.narrow(0, row, Math.Min(EvaluationRows, inputs.shape[0] - row))).MoveToOuterDisposeScope());
        }
        return cat(parts);
    }

    private void BeginOrthogonal(double outputGain, ref RandomStream random)
    {
        double hiddenGain = _shape.Activation == Activation.Tanh ? 5.0 / 3 : Math.Sqrt(2);
        foreach ((string name, Parameter parameter) in named_parameters())
        {
            if (name.EndsWith(".bias", StringComparison.Ordinal))
                parameter.SetValues(new float[parameter.numel()]);
            else if (parameter.Dimensions == 2)
                parameter.SetValues(OrthogonalInitialization.Matrix((int)parameter.shape[0], (int)parameter.shape[1], name == "output.weight" ? outputGain : hiddenGain, ref random));
        }
    }

    private void BeginUniform(ref RandomStream random)
    {
        for (int i = 0; i < _layers.Length; i++)
            _layers[i].BeginUniform(i == 0 ? _shape.Inputs : _shape.HiddenSize, ref random);
    }

    /// <summary>Copies the weights into the managed network of the same shape.</summary>
    public void CopyTo(DenseNetwork network)
    {
        foreach ((string name, Parameter parameter) in named_parameters())
            network.Set(name, parameter.ToFloats());
    }

    private static LayerNorm Norm(int size, Placement placement) =>
        nn.LayerNorm(size, eps: NetworkShape.NormEpsilon, device: placement.Device, dtype: placement.Type);
}
