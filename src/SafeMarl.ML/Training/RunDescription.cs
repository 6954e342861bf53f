namespace SafeMarl.ML.Training;

/// <summary>What a run is: the same in every checkpoint, report and policy that comes from it.</summary>
/// <param name="Algorithm">Name of the algorithm.</param>
/// <param name="Environment">Name of the task.</param>
/// <param name="Task">Everything that the task's data mean, in a line.</param>
/// <param name="Seed">Seed of everything random.</param>
/// <param name="TotalSteps">Environment steps to train for.</param>
/// <param name="Threads">Worker threads.</param>
/// <param name="CostLimits">Limits by cost channel; empty for unconstrained algorithms.</param>
internal sealed record RunDescription(string Algorithm, string Environment, string Task, int Seed, long TotalSteps, int Threads, IReadOnlyDictionary<string, double> CostLimits)
{
    /// <summary>Origin of the policy after so many steps.</summary>
    public PolicyOrigin Origin(long steps) => new(Algorithm, Environment, steps, Seed, CostLimits);
}
