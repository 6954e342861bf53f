namespace SafeMarl.ML;

/// <summary>Where a policy comes from.</summary>
/// <param name="Algorithm">Name of the algorithm that made it.</param>
/// <param name="Environment">Name of the task it was made for.</param>
/// <param name="Steps">Environment steps it was trained for.</param>
/// <param name="Seed">Seed of the training run.</param>
/// <param name="CostLimits">Limits on the episode cost that training aimed at, by cost channel; empty for unconstrained algorithms.</param>
public sealed record PolicyOrigin(string Algorithm, string Environment, long Steps, int Seed, IReadOnlyDictionary<string, double> CostLimits)
{
    /// <summary>Of a policy that no finished run has made.</summary>
    internal static PolicyOrigin None { get; } = new("", "", 0, 0, new Dictionary<string, double>());
}
