using static TorchSharp.torch;

namespace SafeMarl.ML.Losses;

/// <summary>The first-order surrogate of FOCOPS (Zhang et al. 2020, eq. 12) and MAFOCOPS (eq. 11).</summary>
internal static class FocopsLoss
{
    /// <summary>
    /// Per sample <c>[KL(new || old) - rho A / lambda] 1{KL(new || old) &lt;= delta}</c>, A being the weighted advantage
    /// <c>M A_r - sum_k nu_k A_k</c>. The indicator carries no gradient.
    /// </summary>
    /// <param name="kl">KL(new || old) [B]</param>
    /// <param name="ratio">rho = new / old probability of the action taken [B]</param>
    /// <param name="advantage">A [B]</param>
    /// <param name="lambda">Temperature.</param>
    /// <param name="delta">Trust-region bound of a sample.</param>
    /// <param name="indicator">What the indicator multiplies.</param>
    public static Tensor PerSample(Tensor kl, Tensor ratio, Tensor advantage, double lambda, double delta, FocopsIndicator indicator)
    {
        Tensor inside = kl.detach().le(delta).to(kl.dtype);
        Tensor gain = ratio * advantage / lambda;
        return indicator == FocopsIndicator.WholeBracket ? (kl - gain) * inside : kl - gain * inside;
    }
}
