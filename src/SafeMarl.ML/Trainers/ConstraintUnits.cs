namespace SafeMarl.ML;

/// <summary>Units in which a trust-region step compares how far a cost is from its limit with what the step changes.</summary>
public enum ConstraintUnits
{
    /// <summary>Cost per step of the agent itself: the excess over an episode divided by the episode's length, and both sides by the spread of the cost's advantages.</summary>
    CostPerStep,

    /// <summary>
    /// As MACPO's code has it: the excess, averaged over agents, times 1 - gamma, beside advantages divided by their spread.
    /// </summary>
    Published,
}
