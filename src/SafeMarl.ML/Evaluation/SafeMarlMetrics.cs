using SafeMarl.Environments;

namespace SafeMarl.ML;

/// <summary>An estimate over evaluation episodes.</summary>
/// <param name="Mean">Mean over the episodes.</param>
/// <param name="Interval">Bootstrap interval of the mean.</param>
public sealed record Estimate(double Mean, Interval Interval)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Mean:0.##} {Interval}";
}

/// <summary>One cost channel of an agent over evaluation episodes.</summary>
/// <param name="Channel">Name of the channel.</param>
/// <param name="EpisodeCost">Cost of an episode (sum over its steps).</param>
/// <param name="Limit">The limit that violations are counted against.</param>
/// <param name="Violations">Episodes whose cost exceeded the limit.</param>
/// <param name="ViolationRateUpperBound">The true violation rate lies below this with the stated confidence (one-sided Clopper-Pearson).</param>
public sealed record CostMetrics(string Channel, Estimate EpisodeCost, double Limit, int Violations, double ViolationRateUpperBound);

/// <summary>One agent over evaluation episodes.</summary>
/// <param name="Agent">Name of the agent.</param>
/// <param name="Return">Undiscounted return of an episode.</param>
/// <param name="Costs">Every cost channel of the agent.</param>
/// <param name="Deviation">Sum of the deviations of an episode; null when the task reports none.</param>
public sealed record AgentMetrics(string Agent, Estimate Return, IReadOnlyList<CostMetrics> Costs, Estimate? Deviation);

/// <summary>How well and how safely a policy did over fresh, independent episodes.</summary>
public sealed record SafeMarlMetrics
{
    /// <summary>Episodes played.</summary>
    public required int Episodes { get; init; }

    /// <summary>Confidence of all intervals and bounds.</summary>
    public required double Confidence { get; init; }

    /// <summary>Return of an episode, averaged over the agents.</summary>
    public required Estimate Return { get; init; }

    /// <summary>Cost of an episode summed over an agent's channels, averaged over the agents.</summary>
    public required Estimate Cost { get; init; }

    /// <summary>Sum of the deviations of an episode, averaged over the agents; null when the task reports none.</summary>
    public Estimate? Deviation { get; init; }

    /// <summary>Share of episodes that reached the goal, with its two-sided Clopper-Pearson interval; null when the task has none (<see cref="IHasGoal"/>).</summary>
    public Estimate? SuccessRate { get; init; }

    /// <summary>Steps of an episode.</summary>
    public required Estimate EpisodeLength { get; init; }

    /// <summary>Episodes in which any cost of any agent exceeded its limit.</summary>
    public required int Violations { get; init; }

    /// <summary>Share of episodes in which any cost of any agent exceeded its limit.</summary>
    public double ViolationRate => (double)Violations / Episodes;

    /// <summary>The true rate of such episodes lies below this with the stated confidence (one-sided Clopper-Pearson).</summary>
    public required double ViolationRateUpperBound { get; init; }

    /// <summary>Every agent by itself.</summary>
    public required IReadOnlyList<AgentMetrics> Agents { get; init; }

    /// <summary>A line for people.</summary>
    public override string ToString() =>
        $"return {Return}, cost {Cost}, violations {Violations} of {Episodes} (rate below {ViolationRateUpperBound:0.###} with {Confidence:0.#%} confidence)";
}
