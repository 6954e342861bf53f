using System.Numerics.Tensors;
using SafeMarl.Environments;
using SafeMarl.ML.Policies;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Tensor = TorchSharp.torch.Tensor;

namespace SafeMarl.ML.Networks;

/// <summary>A linear layer with ReLU over many rows, forwards and backwards on managed arrays; its parameters are torch's.</summary>
internal sealed class EncoderLayer : nn.Module
{
    private readonly Parameter _weight, _bias;
    private readonly Placement _placement;
    private readonly DenseLayer _layer;
    private readonly Gradients[] _sums;
    private float[] _inputs = [], _outputs = [];
    private int _stride;

    /// <summary>Gradients of the weights <c>[padded inputs, width]</c> and of the bias.</summary>
    private sealed record Gradients(float[] Weight, float[] Bias);

    /// <param name="inputs">Numbers in a row.</param>
    /// <param name="size">Numbers out.</param>
    /// <param name="random">Stream of the initial weights.</param>
    /// <param name="placement">Where the parameters live.</param>
    public EncoderLayer(int inputs, int size, ref RandomStream random, Placement placement) : base(nameof(EncoderLayer))
    {
        (_placement, _layer) = (placement, new DenseLayer(inputs, size));
        Linear linear = Linear(inputs, size, device: placement.Device, dtype: placement.Type);
        linear.BeginUniform(inputs, ref random);
        Parameter[] parameters = [.. linear.parameters()];
        register_parameter("weight", _weight = parameters[0]);
        register_parameter("bias", _bias = parameters[1]);
        _sums = RowHalves.Each(() => new Gradients(new float[Stride(inputs) * _layer.Width], new float[_layer.Width]));
    }

    /// <summary>Numbers out, with their padding.</summary>
    public int Width => _layer.Width;

    /// <summary>Distance between rows of so many numbers.</summary>
    public static int Stride(int inputs) => (inputs + DenseKernels.RowTile - 1) / DenseKernels.RowTile * DenseKernels.RowTile;

    /// <summary>Passes rows through.</summary>
    /// <param name="inputs">Row i begins at <c>i * Stride(inputs)</c>; what pads it is 0. Kept for gradients.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="threads">Threads to use.</param>
    /// <returns><c>[rows, width]</c>, in memory that the next call uses again.</returns>
    public float[] Evaluate(float[] inputs, int rows, int threads)
    {
        _layer.SetWeights(_weight.ToFloats());
        _layer.SetBias(_bias.ToFloats());
        (_inputs, _stride) = (inputs, Stride(_layer.Inputs));
        RowHalves.Grow(ref _outputs, rows * Width);
        RowHalves.Run(threads, rows, (first, count, _) =>
        {
            Span<float> outputs = _outputs.AsSpan(first * Width, count * Width);
            _layer.Apply(_inputs.AsSpan(first * _stride), count, _stride, outputs);
            TensorPrimitives.Max(outputs, 0f, outputs);
        });
        return _outputs;
    }

    /// <summary>Gradients of a loss to the parameters by name, given those to what the last <see cref="Evaluate"/> gave.</summary>
    /// <param name="slopes"><c>[rows, width]</c>; is overwritten.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="threads">Threads to use.</param>
    public IReadOnlyDictionary<string, Tensor> GradientsOf(float[] slopes, int rows, int threads)
    {
        RowHalves.Run(threads, rows, (first, count, half) =>
        {
            Gradients sums = _sums[half];
            Array.Clear(sums.Weight);
            Array.Clear(sums.Bias);
            for (int row = first; row < first + count; row++)
            {
                Span<float> slope = slopes.AsSpan(row * Width, Width);
                DenseKernels.CutOff(slope, _outputs.AsSpan(row * Width, Width));
                TensorPrimitives.Add(sums.Bias, slope, sums.Bias);
            }
            DenseKernels.AddOuterProducts(_inputs.AsSpan(first * _stride), _stride, _stride, slopes.AsSpan(first * Width), Width, count, sums.Weight);
        });
        float[] weight = RowHalves.Sum(_sums, s => s.Weight), torch = new float[_layer.Outputs * _layer.Inputs];
        for (int o = 0; o < _layer.Outputs; o++)
        {
            for (int i = 0; i < _layer.Inputs; i++)
                torch[o * _layer.Inputs + i] = weight[i * Width + o];
        }
        return new Dictionary<string, Tensor>
        {
            ["weight"] = _placement.Tensor(torch, _weight.shape), ["bias"] = _placement.Tensor(RowHalves.Sum(_sums, s => s.Bias)[.._layer.Outputs], _bias.shape),
        };
    }
}
