using System.Numerics.Tensors;
using SafeMarl.ML.Policies;

namespace SafeMarl.ML.Networks;

/// <summary>Gradients of a linear layer's weights and bias, summed up by halves of the work (<see cref="RowHalves"/>).</summary>
internal sealed class LayerGradients
{
    private readonly DenseLayer _layer;
    private readonly int _inputs;
    private readonly Half[] _halves;

    private sealed record Half(float[] Weights, float[] Bias); // [inputs, width], [width]

    /// <param name="layer">The layer.</param>
    /// <param name="inputs">Its inputs with their padding, a multiple of <see cref="DenseKernels.RowTile"/>.</param>
    public LayerGradients(DenseLayer layer, int inputs)
    {
        (_layer, _inputs) = (layer, inputs);
        _halves = RowHalves.Each(() => new Half(new float[inputs * layer.Width], new float[layer.Width]));
    }

    /// <summary>Begins a half's sums.</summary>
    public void Clear(int half)
    {
        Array.Clear(_halves[half].Weights);
        Array.Clear(_halves[half].Bias);
    }

    /// <summary>Adds a row's slopes to those of the bias <c>[width]</c>.</summary>
    public void AddBias(int half, ReadOnlySpan<float> slopes) => TensorPrimitives.Add(_halves[half].Bias, slopes, _halves[half].Bias);

    /// <summary>Adds what rows contribute to the weights.</summary>
    /// <param name="half">Which half.</param>
    /// <param name="x">Inputs <c>[rows, inputs]</c>.</param>
    /// <param name="slopes">Of the outputs <c>[rows, width]</c>.</param>
    /// <param name="rows">Number of rows.</param>
    public void AddWeights(int half, ReadOnlySpan<float> x, ReadOnlySpan<float> slopes, int rows) =>
        DenseKernels.AddOuterProducts(x, _inputs, _inputs, slopes, _layer.Width, rows, _halves[half].Weights);

    /// <summary>Both halves' sums in torch's layout.</summary>
    public (float[] Weights, float[] Bias) ToTorch() => (_layer.WeightsToTorch(RowHalves.Sum(_halves, h => h.Weights)), _layer.BiasToTorch(RowHalves.Sum(_halves, h => h.Bias)));
}
