using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>Options of QBF: QMIX with a barrier loss of lost agents.</summary>
public sealed class QbfOptions : MonotonicOptions, IBarrierOptions
{
    /// <inheritdoc/>
    [Required]
    public string LossChannel { get; set; } = "losses"; // the skirmish tasks' name

    /// <inheritdoc/>
    [Range(0.0, 1.0)]
    public double BarrierDiscount { get; set; } = 0.5; // DBF; its public code has 0.4

    /// <inheritdoc/>
    [Range(0.0, 1.0)]
    public double BarrierDecay { get; set; } = 0.1; // no value in the paper

    /// <inheritdoc/>
    [Range(0.0, 1e9)]
    public double? LossThreshold { get; set; } // DBF: n - 1

    /// <inheritdoc/>
    [Range(1, 100_000)]
    public int BarrierEpisodes { get; set; } = 32; // as many as an update has; DBF's public code does so

    /// <inheritdoc/>
    [Range(0.0, 1e6, MinimumIsExclusive = true)]
    public double BarrierTemperature { get; set; } = 30; // with 1 the barrier outweighs rewards: docs/benchmarks/skirmish-temperature

    /// <inheritdoc/>
    public bool UseBarrierBaseline { get; set; } = true;

    /// <inheritdoc/>
    public bool Published { get; set; }
}
