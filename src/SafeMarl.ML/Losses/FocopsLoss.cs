using static TorchSharp.torch;

namespace SafeMarl.ML.Losses;

/// <summary>The first-order surrogate of FOCOPS (Zhang et al. 2020, eq. 12) and MAFOCOPS (eq. 11).</summary>
internal static class FocopsLoss
{
    /// <summary>
    /// The weighted advantage <c>M A_r - sum_k nu_k A_k</c> (MAFOCOPS eq. 11, all costs). M weights the reward only: a cost belongs to its agent.
    /// </summary>
    /// <param name="factor">M, product of the ratios of the agents that have moved before [N]</param>
    /// <param name="reward">A_r [N]</param>
    /// <param name="costs">A_k [N] and nu_k of each of the agent's costs.</param>
    public static Tensor Advantage(Tensor factor, Tensor reward, IEnumerable<(Tensor Advantage, double Multiplier)> costs)
    {
        Tensor advantage = factor * reward;
        foreach ((Tensor cost, double multiplier) in costs)
            advantage = advantage - cost * multiplier;
        return advantage;
    }

    /// <summary>
    /// Per sample <c>[KL(new || old) - rho A / lambda] 1{KL(new || old) &lt;= delta}</c>, A being the weighted
    /// <see cref="Advantage"/>. The indicator carries no gradient.
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
