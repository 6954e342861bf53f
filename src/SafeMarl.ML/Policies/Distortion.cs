using MathNet.Numerics.Distributions;

namespace SafeMarl.ML.Policies;

/// <summary>
/// A distortion risk measure: the mean of a return whose cumulative probabilities are distorted, <c>sum_k (g(k / K) - g((k - 1) / K)) z_k</c> for K quantiles in ascending order. The
/// weights sum to 1; for the conditional value at risk they are exact, whatever its level.
/// </summary>
/// <param name="Measure">Which.</param>
/// <param name="Level">Its parameter.</param>
internal sealed record Distortion(RiskMeasure Measure, double Level)
{
    /// <summary>What each of K quantiles weighs.</summary>
    public double[] Weights(int count) => [.. Enumerable.Range(1, count).Select(k => Of((double)k / count) - Of((k - 1.0) / count))];

    /// <summary>g, which rises from 0 to 1.</summary>
    /// <param name="tau">In [0, 1].</param>
    public double Of(double tau) => Level < 0 ? 1 - Averse(-Level, 1 - tau) : Averse(Level, tau);

    private double Averse(double level, double tau) => tau is 0 or 1 ? tau : Measure switch
    {
        RiskMeasure.ConditionalValueAtRisk => Math.Min(tau / level, 1),
        RiskMeasure.Wang => Normal.CDF(0, 1, Normal.InvCDF(0, 1, tau) + level),
        RiskMeasure.CumulativeProbabilityWeighting => Math.Pow(tau, level) / Math.Pow(Math.Pow(tau, level) + Math.Pow(1 - tau, level), 1 / level),
        _ => tau,
    };
}
