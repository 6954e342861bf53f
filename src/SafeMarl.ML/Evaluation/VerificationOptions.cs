namespace SafeMarl.ML;

/// <summary>How a policy's safety is verified.</summary>
public sealed record VerificationOptions
{
    /// <summary>Fresh, independent episodes to play, at least 1.</summary>
    public int Episodes { get; init; } = 1000;

    /// <summary>Confidence of each certificate, between 0 and 1.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>
    /// Losses above which an episode is unsafe, at least 0; where lost agents are counted, below their number. It has to be fixed before episodes are seen:
    /// <see cref="Exceedances"/> is for a limit that they choose.
    /// </summary>
    public double MaxLosses { get; init; }

    /// <summary>
    /// The cost whose sum over an episode is counted, over the agents where each has its own. Null: the agents that were lost, where the task says which
    /// (<see cref="Environments.ILosableAgents"/>); else its cost, if it has but one.
    /// </summary>
    public string? Cost { get; init; }

    /// <summary>
    /// For the certificate whose limit the episodes choose: how many of them may lie above it, from 0 to one less than there are. 0: the limit is the most that was seen.
    /// </summary>
    public int Exceedances { get; init; }

    /// <summary>
    /// How many policies or limits are verified of which one will be picked, at least 1. Each certificate then fails with a probability of
    /// <c>(1 - Confidence) / Candidates</c>, so that all of them hold together.
    /// </summary>
    public int Candidates { get; init; } = 1;

    /// <summary>Whether agents take their likeliest action, as a served policy does, instead of drawing one. Verify what you serve.</summary>
    public bool Deterministic { get; init; } = true;

    /// <summary>Seed of the episodes and of drawn actions. Whatever it is, the episodes are none of those of training, evaluation or calibration.</summary>
    public long Seed { get; init; } = 3_000_003;

    /// <summary>Threads that play episodes; 0: one per processor. The results do not depend on it.</summary>
    public int WorkerThreads { get; init; }

    /// <summary>Tells the date of the safety card.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <exception cref="InvalidOptionsException">An option is outside its range, or null.</exception>
    internal void ThrowIfInvalid()
    {
        if (Episodes < 1)
            throw Bad(nameof(Episodes), Episodes, "at least 1");
        if (!(Confidence > 0 && Confidence < 1))
            throw Bad(nameof(Confidence), Confidence, "between 0 and 1, such as 0.95");
        if (!(MaxLosses >= 0 && MaxLosses < double.PositiveInfinity))
            throw Bad(nameof(MaxLosses), MaxLosses, "finite and at least 0");
        if (Exceedances < 0 || Exceedances >= Episodes)
            throw Bad(nameof(Exceedances), Exceedances, $"from 0 to {Episodes - 1}, one less than the episodes");
        if (Candidates < 1)
            throw Bad(nameof(Candidates), Candidates, "at least 1");
        if (WorkerThreads < 0)
            throw Bad(nameof(WorkerThreads), WorkerThreads, "at least 0");
        if (TimeProvider is null)
            throw Bad(nameof(TimeProvider), "null", "given");
    }

    internal static InvalidOptionsException Bad(string option, object value, string allowed) => new($"{nameof(VerificationOptions)}.{option} is {value}; it must be {allowed}.");
}
