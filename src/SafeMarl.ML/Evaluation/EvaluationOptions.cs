namespace SafeMarl.ML;

/// <summary>How a policy is evaluated.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Fresh, independent episodes to play, at least 1.</summary>
    public int Episodes { get; init; } = 100;

    /// <summary>Whether agents take their likeliest action instead of drawing one. Limits of constrained training hold for drawn actions.</summary>
    public bool Deterministic { get; init; } = true;

    /// <summary>
    /// Share of random actions, from 0 to 1, where actions are drawn and a policy takes the highest value (value factorisation): its training explored, and without that an episode may be the same
    /// every time. Other policies draw by distributions of their own.
    /// </summary>
    public double Exploration { get; init; }

    /// <summary>Seed of the episodes and of drawn actions; independent of any training seed.</summary>
    public long Seed { get; init; } = 1_000_003;

    /// <summary>Confidence of intervals and bounds, between 0 and 1.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>
    /// Limits on the episode cost by channel that violations are counted against. A channel that is missing takes the policy's own limit, else
    /// the task's reference limit, else 0.
    /// </summary>
    public IReadOnlyDictionary<string, double> CostLimits { get; init; } = new Dictionary<string, double>();

    /// <summary>Threads that play episodes; 0: one per processor. The results do not depend on it.</summary>
    public int WorkerThreads { get; init; }
}
