namespace SafeMarl.ML;

/// <summary>How certificates are compared with what happens, and their alarms calibrated.</summary>
public sealed record CalibrationOptions
{
    /// <summary>Fresh, independent episodes to play, at least 1.</summary>
    public int Episodes { get; init; } = 100;

    /// <summary>Whether agents take their likeliest action, as a served policy does, instead of drawing one. Calibrate what you serve.</summary>
    public bool Deterministic { get; init; } = true;

    /// <summary>Seed of the episodes and of drawn actions; independent of training's and of evaluation's.</summary>
    public long Seed { get; init; } = 2_000_003;

    /// <summary>In how many episodes with violations one may come without an alarm before; between 0 and 1.</summary>
    public double MissRate { get; init; } = 0.1;

    /// <summary>Where too few episodes have violations to bound that: in how many episodes without violations there may be an alarm; between 0 and 1.</summary>
    public double FalseAlarmRate { get; init; } = 0.05;

    /// <summary>Steps before a violation in which an alarm counts as before it, at least 1.</summary>
    public int LeadSteps { get; init; } = 10;

    /// <summary>Threads that play episodes; 0: one per processor. The results do not depend on it.</summary>
    public int WorkerThreads { get; init; }
}
