using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>Options of ResZ (ResQ for return distributions), which knows rewards only; costs are reported, not constrained.</summary>
public sealed class ReszOptions : ValueFactorizationOptions, IAttentionMixingOptions
{
    /// <summary>Quantiles of each distribution, at the middles of equal parts.</summary>
    [Range(1, 256)]
    public int Quantiles { get; set; } = 8; // ResZ

    /// <summary>Cosines that a quantile's fraction is embedded in.</summary>
    [Range(1, 1024)]
    public int EmbeddingSize { get; set; } = 64; // DFAC

    /// <inheritdoc/>
    [Range(1, 65_536)]
    public int? UnitStateSize { get; set; } // depends on the task

    /// <inheritdoc/>
    [Range(1, 64)]
    public int AttentionHeads { get; set; } = 1; // RiskQ, whose mixer it is

    /// <inheritdoc/>
    [Range(1, 1024)]
    public int AttentionSize { get; set; } = 16; // RiskQ

    /// <inheritdoc/>
    [Range(1, 1024)]
    public int HypernetSize { get; set; } = 32; // RiskQ

    /// <inheritdoc/>
    [Range(1, 1024)]
    public int ShiftSize { get; set; } = 16; // RiskQ

    /// <summary>Width of the hidden layers of the central value's network.</summary>
    [Range(1, 1024)]
    public int CentralSize { get; set; } = 128; // ResZ
}
