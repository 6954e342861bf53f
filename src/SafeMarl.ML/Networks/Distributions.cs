using static TorchSharp.torch;

namespace SafeMarl.ML.Networks;

/// <summary>The action distributions of a batch of observations. A result is one number per sample, [B], unless it says otherwise.</summary>
internal interface IDistribution
{
    /// <summary>Log-probability (density) of actions, summed over action dimensions: the log of one likelihood ratio per sample.</summary>
    Tensor LogProb(Tensor actions);

    /// <summary>Log-probability (density) of each action dimension [B, D]; an alternative is one dimension.</summary>
    Tensor LogProbs(Tensor actions);

    /// <summary>Entropy.</summary>
    Tensor Entropy();

    /// <summary>KL(this || other).</summary>
    Tensor KullbackLeibler(IDistribution other);

    /// <summary>KL(this || other) by a formula; it differs for Gaussians only.</summary>
    Tensor Divergence(IDistribution other, DivergenceFormula formula);

    /// <summary>The distributions of some of the samples.</summary>
    IDistribution Rows(Tensor index);
}

/// <summary>Independent Gaussians with means [B, D] and standard deviations [D].</summary>
internal sealed class GaussianDistribution(Tensor mean, Tensor std) : IDistribution
{
    private const double PublishedEpsilon = 1e-8; // MACPO

    private readonly Tensor _mean = mean, _std = std;

    public Tensor LogProb(Tensor actions) => LogProbs(actions).sum(1);

    public Tensor LogProbs(Tensor actions) // [B, D]
    {
        Tensor z = (actions - _mean) / _std;
        return z.square() * -0.5 - _std.log() - 0.5 * Math.Log(2 * Math.PI);
    }

    public Tensor Entropy() => (_std.log() + 0.5 * Math.Log(2 * Math.PI * Math.E)).sum().expand(new long[] { _mean.shape[0] });

    public Tensor KullbackLeibler(IDistribution other)
    {
        var q = (GaussianDistribution)other;
        Tensor spread = (_std.square() + (_mean - q._mean).square()) / (q._std.square() * 2);
        return (q._std.log() - _std.log() + spread - 0.5).sum(1);
    }

    public Tensor Divergence(IDistribution other, DivergenceFormula formula)
    {
        if (formula == DivergenceFormula.Exact)
            return KullbackLeibler(other);
        var q = (GaussianDistribution)other;
        Tensor spread = (_std.square() + (_mean - q._mean).square()) / (q._std.square() * 2 + PublishedEpsilon);
        return (_std.log() - q._std.log() + spread - 0.5).sum(1);
    }

    public IDistribution Rows(Tensor index) => new GaussianDistribution(_mean.index_select(0, index), _std);
}

/// <summary>Categorical distributions from logits [B, n]; unavailable alternatives carry the logit -1e10.</summary>
internal sealed class CategoricalDistribution : IDistribution
{
    private readonly Tensor _logProbs; // [B, n]

    private CategoricalDistribution(Tensor logProbs) => _logProbs = logProbs;

    /// <param name="logits">[B, n]</param>
    /// <param name="masks">[B, n], 1 where available; null when nothing is masked.</param>
    public static CategoricalDistribution FromLogits(Tensor logits, Tensor? masks) =>
        new((masks is null ? logits : logits.masked_fill(masks.eq(0), -1e10)).log_softmax(1));

    public Tensor LogProb(Tensor actions) => LogProbs(actions).squeeze(1);

    public Tensor LogProbs(Tensor actions) => _logProbs.gather(1, actions.to(ScalarType.Int64)); // actions [B, 1]

    public Tensor Entropy() => -(_logProbs.exp() * _logProbs).sum(1);

    public Tensor KullbackLeibler(IDistribution other) => (_logProbs.exp() * (_logProbs - ((CategoricalDistribution)other)._logProbs)).sum(1);

    public Tensor Divergence(IDistribution other, DivergenceFormula formula) => KullbackLeibler(other);

    public IDistribution Rows(Tensor index) => new CategoricalDistribution(_logProbs.index_select(0, index));
}
