namespace SafeMarl.ML;

/// <summary>What an uncertain return is worth: the mean of its quantiles, some of which weigh more. With a negative level they seek risk as the positive one avoids it.</summary>
public enum RiskMeasure
{
    /// <summary>The mean; there is no level.</summary>
    Neutral,

    /// <summary>Wang's: quantiles of a normal distribution are moved by the level, 0.75 in RiskQ.</summary>
    Wang,

    /// <summary>The mean of the worst share of returns (CVaR); the level is that share, in (0, 1].</summary>
    ConditionalValueAtRisk,

    /// <summary>Tversky and Kahneman's: both ends weigh more, as people do it; the level is 0.71 for them, in [0.3, 1].</summary>
    CumulativeProbabilityWeighting,
}
