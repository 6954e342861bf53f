namespace SafeMarl.ML;

/// <summary>How a state-independent standard deviation follows from its parameter p.</summary>
public enum StdParameterization
{
    /// <summary>0.5 sigmoid(p), p = 1 at first: 0.366, and never above 0.5 (MACPO, HARL).</summary>
    Sigmoid,

    /// <summary>exp(p), p = -0.5 at first: 0.607 (FOCOPS).</summary>
    Exponential,
}
