namespace SafeMarl.ML;

/// <summary>How the divergence of two Gaussian policies is computed.</summary>
public enum DivergenceFormula
{
    /// <summary>KL(old || new).</summary>
    Exact,

    /// <summary>As MACPO's code has it, with the logarithms of the standard deviations interchanged: it falls below 0 where exploration grows.</summary>
    Published,
}
