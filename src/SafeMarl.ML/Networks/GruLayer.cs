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

    /// <summary>Gradients of a loss, given those to the states that the last <see cref="Evaluate"/> gave.</summary>
    /// <param name="stateSlopes">Gradient of the loss to the states [T, N, size].</param>
    /// <param name="threads">Threads to use.</param>
    /// <returns>To the inputs [T, N, inputs], and to the parameters in their order.</returns>
    public (Tensor Inputs, Tensor[] Parameters) Gradients(Tensor stateSlopes, int threads)
    {
        int inputs = (int)_inputWeights.shape[1];
        var inputSlopes = new float[stateSlopes.numel() / _size * inputs];
        (float[] inputWeights, float[] recurrentWeights, float[] inputBias, float[] recurrentBias) = _sequence.Backward(stateSlopes.ToFloats(), threads, inputSlopes);
        return (
            _placement.Tensor(inputSlopes, stateSlopes.shape[0], stateSlopes.shape[1], inputs),
            [
                _placement.Tensor(inputWeights, _inputWeights.shape), _placement.Tensor(recurrentWeights, _recurrentWeights.shape),
                _placement.Tensor(inputBias, _inputBias.shape), _placement.Tensor(recurrentBias, _recurrentBias.shape),
            ]);
    }
}
