namespace SafeMarl.ML;

/// <summary>The nonlinearity between layers.</summary>
public enum Activation
{
    /// <summary>max(0, x)</summary>
    ReLU,

    /// <summary>Hyperbolic tangent.</summary>
    Tanh,
}
