namespace SafeMarl.Environments.Games;

/// <summary>The best that independent (product) policies can reach in expectation under limits on the expected costs of an episode.</summary>
/// <param name="Return">Expected return of an episode.</param>
/// <param name="Costs">Expected cost of an episode per agent.</param>
public sealed record ConstrainedOptimum(double Return, IReadOnlyList<double> Costs);
