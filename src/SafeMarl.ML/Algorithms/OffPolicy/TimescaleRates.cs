namespace SafeMarl.ML.Algorithms.OffPolicy;

/// <summary>
/// Learning rates on separated timescales: an agent's multipliers are slower than its policy, and faster than the next agent's policy
/// (MAS3AC, assumption 4 and table 3).
/// </summary>
/// <param name="Policies">Of each agent's policy, eta 2.</param>
/// <param name="Multipliers">Of each agent's multipliers, eta 3.</param>
internal sealed record TimescaleRates(IReadOnlyList<double> Policies, IReadOnlyList<double> Multipliers)
{
    /// <exception cref="InvalidOptionsException">Rates are given, but not for every agent.</exception>
    public static TimescaleRates From(Mas3acOptions options, int agents)
    {
        ThrowUnlessOneEach(options.ActorLearningRates, nameof(options.ActorLearningRates), agents);
        ThrowUnlessOneEach(options.MultiplierLearningRates, nameof(options.MultiplierLearningRates), agents);
        double gap = options.ActorLearningRateSpan / Math.Max(1, agents - 1);
        double[] policies = options.ActorLearningRates.Count > 0 ? [.. options.ActorLearningRates] : [.. Enumerable.Range(0, agents).Select(i => options.ActorLearningRate - i * gap)];
        double[] multipliers = options.MultiplierLearningRates.Count > 0 ? [.. options.MultiplierLearningRates] : [.. policies.Select(rate => Math.Max(0, rate - gap / 2))];
        return new TimescaleRates(policies, multipliers);
    }

    private static void ThrowUnlessOneEach(IList<double> rates, string option, int agents)
    {
        if (rates.Count > 0 && rates.Count != agents)
            throw new InvalidOptionsException($"{nameof(Mas3acOptions)}.{option} has {rates.Count} rates, and the task has {agents} agents; give one for each, or none.");
    }
}
