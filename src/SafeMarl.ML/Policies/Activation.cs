namespace SafeMarl.ML;

/// <summary>The nonlinearity between layers.</summary>
public enum Activation
{
    /// <summary>max(0, x)</summary>
    ReLU,

    /// <summary>Hyperbolic tangent.</summary>
    Tanh,

    /// <summary>x where it is positive, exp(x) - 1 elsewhere (SafePO).</summary>
    Elu,
}
