using SafeMarl.Environments;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SafeMarl.ML.Networks;

/// <summary>A gated recurrent unit over whole sequences: its parameters are torch's, its recurrence a <see cref="GruSequence"/>.</summary>
internal sealed class GruLayer : nn.Module
{
    private readonly Parameter _inputWeights, _recurrentWeights, _inputBias, _recurrentBias;
    private readonly GruSequence _sequence;
    private readonly Placement _placement;
    private readonly int _size;

    /// <summary>Makes a layer with uniform weights, as torch does.</summary>
    /// <param name="inputs">Numbers in an input.</param>
    /// <param name="size">Numbers in a state.</param>
    /// <param name="random">Stream of the initial weights.</param>
    /// <param name="placement">Where the parameters live.</param>
    public GruLayer(int inputs, int size, ref RandomStream random, Placement placement) : base(nameof(GruLayer))
    {
        (_size, _placement, _sequence) = (size, placement, new GruSequence(inputs, size));
        _inputWeights = Register("weight_ih", ref random, 3 * size, inputs);
        _recurrentWeights = Register("weight_hh", ref random, 3 * size, size);
        _inputBias = Register("bias_ih", ref random, 3 * size);
        _recurrentBias = Register("bias_hh", ref random, 3 * size);
    }

    private Parameter Register(string name, ref RandomStream random, params long[] shape)
    {
        long count = shape.Aggregate(1L, (product, length) => product * length);
        var parameter = new Parameter(_placement.Tensor(UniformInitialization.Uniform(count, 1 / Math.Sqrt(_size), ref random), shape));
        register_parameter(name, parameter);
        return parameter;
    }

    /// <summary>The states after every step, from zeros on: [T, N, inputs] to [T, N, size], as numbers.</summary>
    public Tensor Evaluate(Tensor inputs, int threads)
    {
        (int steps, int rows) = ((int)inputs.shape[0], (int)inputs.shape[1]);
        _sequence.SetWeights(_inputWeights.ToFloats(), _recurrentWeights.ToFloats(), _inputBias.ToFloats(), _recurrentBias.ToFloats());
        var states = new float[steps * rows * _size];
        _sequence.Forward(inputs.ToFloats(), steps, rows, threads, states);
        return _placement.Tensor(states, steps, rows, _size);
    }

    /// <summary>
    /// A scalar that has the gradients of a loss to the parameters and to the inputs of the last <see cref="Evaluate"/>, given those to the states that it gave.
    /// </summary>
    /// <param name="inputs">The inputs [T, N, inputs].</param>
    /// <param name="stateSlopes">Gradient of the loss to the states [T, N, size].</param>
    /// <param name="threads">Threads to use.</param>
    public Tensor ByGradient(Tensor inputs, Tensor stateSlopes, int threads)
    {
        var inputSlopes = new float[inputs.numel()];
        (float[] inputWeights, float[] recurrentWeights, float[] inputBias, float[] recurrentBias) = _sequence.Backward(stateSlopes.ToFloats(), threads, inputSlopes);
        return Along(inputs, inputSlopes) + Along(_inputWeights, inputWeights) + Along(_recurrentWeights, recurrentWeights) + Along(_inputBias, inputBias) + Along(_recurrentBias, recurrentBias);

        Tensor Along(Tensor values, float[] slopes) => (values * _placement.Tensor(slopes, values.shape)).sum();
    }
}
