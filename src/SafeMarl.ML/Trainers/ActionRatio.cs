namespace SafeMarl.ML;

/// <summary>What the likelihood ratio of an action with several dimensions is.</summary>
public enum ActionRatio
{
    /// <summary>The ratio of the probabilities of the whole action: the product over its dimensions.</summary>
    Product,

    /// <summary>A ratio per dimension, their terms summed, as the published codes of MACPO and MAPPO-Lagrangian have it; agents must have as many dimensions each.</summary>
    PerDimension,
}
