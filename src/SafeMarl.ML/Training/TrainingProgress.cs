namespace SafeMarl.ML;

/// <summary>A cost of an agent, as the last rollout left it.</summary>
/// <param name="Agent">Name of the agent.</param>
/// <param name="Channel">Name of the cost channel.</param>
/// <param name="EpisodeCost">Mean cost of the episodes that ended in the rollout; null when none did.</param>
/// <param name="Limit">The limit that training aims at; null for unconstrained algorithms.</param>
/// <param name="Multiplier">The constraint's Lagrange multiplier, if the algorithm has one.</param>
public sealed record CostProgress(string Agent, string Channel, double? EpisodeCost, double? Limit, double? Multiplier);

/// <summary>An agent's own signals, as the last rollout left them; its costs are in <see cref="TrainingProgress.Costs"/>.</summary>
/// <param name="Agent">Name of the agent.</param>
/// <param name="Return">Mean undiscounted return of the episodes that ended in the rollout; null when none did.</param>
/// <param name="Deviation">Mean sum of the deviations of those episodes; null when none ended, or the task reports none.</param>
public sealed record AgentProgress(string Agent, double? Return, double? Deviation);

/// <summary>How a training run stands after an iteration.</summary>
public sealed record TrainingProgress
{
    /// <summary>Name of the algorithm.</summary>
    public required string Algorithm { get; init; }

    /// <summary>Name of the task.</summary>
    public required string Environment { get; init; }

    /// <summary>Seed of the run.</summary>
    public required int Seed { get; init; }

    /// <summary>Iterations (rollout and update) so far.</summary>
    public required long Iteration { get; init; }

    /// <summary>Environment steps so far; one joint action is one step.</summary>
    public required long Steps { get; init; }

    /// <summary>Environment steps to train for.</summary>
    public required long TotalSteps { get; init; }

    /// <summary>Episodes that ended in the last rollout.</summary>
    public required int Episodes { get; init; }

    /// <summary>Mean undiscounted return of those episodes, averaged over agents; null when none ended.</summary>
    public required double? Return { get; init; }

    /// <summary>Mean sum of the deviations of those episodes, averaged over agents; null when none ended, or the task reports none.</summary>
    public double? Deviation => Agents.Average(a => a.Deviation);

    /// <summary>Return and deviation of every agent.</summary>
    public required IReadOnlyList<AgentProgress> Agents { get; init; }

    /// <summary>Every cost of every agent.</summary>
    public required IReadOnlyList<CostProgress> Costs { get; init; }

    /// <summary>Losses, divergences and whatever else the algorithm reports, by name.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>Environment steps per second of wall-clock time, updates included, over the last iteration.</summary>
    public required double StepsPerSecond { get; init; }

    /// <summary>Wall-clock time since this process began or resumed the run.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Wall-clock time that the rest will take at the mean speed so far.</summary>
    public required TimeSpan TimeLeft { get; init; }
}
