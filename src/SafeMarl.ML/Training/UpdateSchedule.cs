namespace SafeMarl.ML.Training;

/// <summary>How many updates an off-policy run has made after how many environment steps; nothing of it has to be saved.</summary>
/// <param name="options">The run's options.</param>
internal sealed class UpdateSchedule(OffPolicyOptions options)
{
    /// <summary>Environment steps of an iteration.</summary>
    public long StepsPerIteration => (long)options.RolloutSteps * options.Environments;

    /// <summary>Updates after so many steps. There is something to learn from once the first iteration is over.</summary>
    public long UpdatesAt(long steps) => (long)(Math.Max(0, steps - Math.Max(options.WarmupSteps, StepsPerIteration)) * options.UpdatesPerStep);

    /// <summary>Updates of the whole run.</summary>
    public long Total => UpdatesAt((options.TotalSteps + StepsPerIteration - 1) / StepsPerIteration * StepsPerIteration);

    /// <summary>Whether agents act at random after so many steps.</summary>
    public bool IsWarmup(long steps) => steps < options.WarmupSteps;
}
