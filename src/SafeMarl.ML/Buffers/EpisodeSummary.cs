namespace SafeMarl.ML.Buffers;

/// <summary>A finished episode.</summary>
/// <param name="Length">Steps.</param>
/// <param name="Returns">Undiscounted return per agent.</param>
/// <param name="Costs">Undiscounted cost per agent and channel.</param>
/// <param name="Deviations">Sum of the deviations per agent; empty where the task reports none.</param>
internal sealed record EpisodeSummary(int Length, double[] Returns, double[][] Costs, double[] Deviations);
