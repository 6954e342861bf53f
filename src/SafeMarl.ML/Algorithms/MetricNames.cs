namespace SafeMarl.ML.Algorithms;

/// <summary>Metrics that reports give a place of their own.</summary>
internal static class MetricNames
{
    /// <summary>A constraint's multiplier: <c>multiplier/AGENT/CHANNEL</c>.</summary>
    public const string Multiplier = "multiplier";

    /// <summary>Whether a constraint's multiplier is at its upper bound, 1 or 0: <c>saturated/AGENT/CHANNEL</c>.</summary>
    public const string Saturated = "saturated";
}
