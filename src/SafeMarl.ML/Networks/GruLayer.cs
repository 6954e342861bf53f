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

    /// <summary>What is made of the states after every step, from zeros on [T, N, head's size]; 0 after a sequence's end.</summary>
    /// <param name="inputs">Gives the inputs <c>[M, padded inputs]</c>.</param>
    /// <param name="rows">Where rows lie.</param>
    /// <param name="head">Makes results of states.</param>
    /// <param name="gradients">Whether <see cref="GradientsOf"/> will be asked for.</param>
    /// <param name="threads">Threads to use.</param>
    public Tensor Evaluate(IRowLayer inputs, SequenceRows rows, IStateHead head, bool gradients, int threads)
    {
        _sequence.SetWeights(_inputWeights.ToFloats(), _recurrentWeights.ToFloats(), _inputBias.ToFloats(), _recurrentBias.ToFloats());
        Tensor results = empty([rows.Steps, rows.Sequences, head.Size], ScalarType.Float32);
        if (gradients)
            _sequence.Forward(inputs, rows, head, threads, new TensorMemory(results).Memory);
        else
            _sequence.Evaluate(inputs, rows, head, threads, new TensorMemory(results).Memory);
        return results.to(_placement.Type, _placement.Device);
    }

    /// <summary>Gradients of a loss, given those to what the last <see cref="Evaluate"/> gave; inputs and head are told theirs.</summary>
    /// <param name="resultSlopes">Gradient of the loss to the results [T, N, head's size].</param>
    /// <param name="threads">Threads to use.</param>
    /// <returns>To the parameters by name.</returns>
    public IReadOnlyDictionary<string, Tensor> GradientsOf(Tensor resultSlopes, int threads)
    {
        using Tensor slopes = resultSlopes.to(ScalarType.Float32, CPU).contiguous();
        (float[] inputWeights, float[] recurrentWeights, float[] inputBias, float[] recurrentBias) = _sequence.Backward(new TensorMemory(slopes).Memory, threads);
        return new Dictionary<string, Tensor>
        {
            ["weight_ih"] = _placement.Tensor(inputWeights, _inputWeights.shape), ["weight_hh"] = _placement.Tensor(recurrentWeights, _recurrentWeights.shape),
            ["bias_ih"] = _placement.Tensor(inputBias, _inputBias.shape), ["bias_hh"] = _placement.Tensor(recurrentBias, _recurrentBias.shape),
        };
    }
}
