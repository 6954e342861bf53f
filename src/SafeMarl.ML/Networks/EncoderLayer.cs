using System.Numerics.Tensors;
using SafeMarl.Environments;
using SafeMarl.ML.Policies;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Tensor = TorchSharp.torch.Tensor;

namespace SafeMarl.ML.Networks;

/// <summary>A linear layer with ReLU over many rows, forwards and backwards on managed arrays; its parameters are torch's.</summary>
internal sealed class EncoderLayer : nn.Module, IRowLayer
{
    private readonly Parameter _weight, _bias;
    private readonly Placement _placement;
    private readonly DenseLayer _layer;
    private readonly LayerGradients _gradients;
    private readonly float[][] _passing = RowHalves.Each<float[]>(() => []); // outputs that are not kept
    private float[] _inputs = [], _outputs = [];
    private int _stride;
    private bool _keeps;

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
        _gradients = new LayerGradients(_layer, Stride(inputs));
    }

    /// <summary>Numbers out, with their padding.</summary>
    public int Width => _layer.Width;

    /// <summary>Distance between rows of so many numbers.</summary>
    public static int Stride(int inputs) => (inputs + DenseKernels.RowTile - 1) / DenseKernels.RowTile * DenseKernels.RowTile;

    /// <summary>Begins with new inputs.</summary>
    /// <param name="inputs">Row i begins at <c>i * Stride(inputs)</c>; what pads it is 0. Kept for gradients.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="keep">Whether all outputs will be asked for again.</param>
    public void Begin(float[] inputs, int rows, bool keep)
    {
        _layer.SetWeights(_weight.ToFloats());
        _layer.SetBias(_bias.ToFloats());
        (_inputs, _stride, _keeps) = (inputs, Stride(_layer.Inputs), keep);
        if (keep)
            RowHalves.Grow(ref _outputs, rows * Width);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Forward(int first, int count, int half)
    {
        Span<float> outputs = _keeps ? _outputs.AsSpan(first * Width, count * Width) : RowHalves.Grow(ref _passing[half], count * Width).AsSpan(0, count * Width);
        _layer.Apply(_inputs.AsSpan(first * _stride), count, _stride, outputs);
        TensorPrimitives.Max(outputs, 0f, outputs);
        return outputs;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Kept(int first, int count) => _outputs.AsSpan(first * Width, count * Width);

    /// <summary>Begins the gradients of what all <see cref="Forward"/> gave.</summary>
    public void BeginGradients()
    {
        _gradients.Clear(0);
        _gradients.Clear(1);
    }

    /// <inheritdoc/>
    public void Backward(int first, int count, Span<float> slopes, int half)
    {
        for (int i = 0; i < count; i++)
        {
            Span<float> slope = slopes.Slice(i * Width, Width);
            DenseKernels.CutOff(slope, _outputs.AsSpan((first + i) * Width, Width));
            _gradients.AddBias(half, slope);
        }
        _gradients.AddWeights(half, _inputs.AsSpan(first * _stride), slopes, count);
    }

    /// <summary>The gradients by name of parameter.</summary>
    public IReadOnlyDictionary<string, Tensor> EndGradients()
    {
        (float[] weights, float[] bias) = _gradients.ToTorch();
        return new Dictionary<string, Tensor> { ["weight"] = _placement.Tensor(weights, _weight.shape), ["bias"] = _placement.Tensor(bias, _bias.shape) };
    }
}
