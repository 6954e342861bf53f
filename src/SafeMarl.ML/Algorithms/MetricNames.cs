namespace SafeMarl.ML.Algorithms;

/// <summary>Metrics that reports give a place of their own.</summary>
internal static class MetricNames
{
    /// <summary>A constraint's multiplier: <c>multiplier/AGENT/CHANNEL</c>.</summary>
    public const string Multiplier = "multiplier";
}
