namespace SafeMarl.ML;

/// <summary>What DRIMA's agents make of a risk.</summary>
public enum RiskAttitude
{
    /// <summary>They fear it: the worst counts.</summary>
    Averse,

    /// <summary>They take it as it is.</summary>
    Neutral,

    /// <summary>They seek it: the best counts. Towards what other agents do, that is trust.</summary>
    Seeking,
}
