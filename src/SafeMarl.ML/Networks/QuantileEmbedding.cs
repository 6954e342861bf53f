using SafeMarl.Environments;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SafeMarl.ML.Networks;

/// <summary>
/// What an implicit quantile network (Dabney et al. 2018) multiplies a hidden state with for a fraction tau:
/// <c>phi(tau) = ReLU(W cos(pi i tau) + b)</c>, i = 0, 1, ...
/// </summary>
internal sealed class QuantileEmbedding : Module<Tensor, Tensor>
{
    private readonly Linear _layer;
    private readonly Placement _placement;
    private readonly int _features;

    /// <param name="features">Cosines.</param>
    /// <param name="size">Numbers in a hidden state.</param>
    /// <param name="random">Stream of the initial weights.</param>
    /// <param name="placement">Where the parameters live.</param>
    public QuantileEmbedding(int features, int size, ref RandomStream random, Placement placement) : base(nameof(QuantileEmbedding))
    {
        (_features, _placement) = (features, placement);
        register_module("layer", _layer = Linear(features, size, device: placement.Device, dtype: placement.Type));
        _layer.BeginUniform(features, ref random);
    }

    /// <summary>For the fractions tau of <see cref="Cosines"/>: [.., features] to [.., size].</summary>
    public override Tensor forward(Tensor cosines) => functional.relu(_layer.forward(cosines));

    /// <summary>Cosines of fractions.</summary>
    /// <param name="taus">Fractions in [0, 1].</param>
    /// <param name="shape">Their shape; the cosines have one dimension more.</param>
    public Tensor Cosines(ReadOnlySpan<double> taus, params long[] shape)
    {
        var cosines = new float[taus.Length * _features];
        for (int k = 0; k < taus.Length; k++)
        {
            // cos (i + 1) x = 2 cos x cos i x - cos (i - 1) x
            double first = Math.Cos(Math.PI * taus[k]), before = first, now = 1;
            foreach (ref float cosine in cosines.AsSpan(k * _features, _features))
            {
                cosine = (float)now;
                (before, now) = (now, 2 * first * now - before);
            }
        }
        return _placement.Tensor(cosines, [.. shape, _features]);
    }

    /// <summary>phi at the midpoints of K equal parts [K, size].</summary>
    public Tensor AtMidpoints(int count)
    {
        using var guard = no_grad();
        double[] taus = [.. Enumerable.Range(0, count).Select(k => (2 * k + 1) / (2.0 * count))];
        return forward(Cosines(taus, count));
    }
}
