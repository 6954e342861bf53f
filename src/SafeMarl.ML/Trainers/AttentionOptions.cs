using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>What every algorithm that mixes quantiles by attention needs to know.</summary>
public abstract class AttentionOptions : ValueFactorizationOptions, IAttentionMixingOptions
{
    /// <summary>Quantiles of each distribution, at the middles of equal parts.</summary>
    [Range(1, 256)]
    public int Quantiles { get; set; } = 32; // RiskQ

    /// <summary>Cosines that a quantile's fraction is embedded in.</summary>
    [Range(1, 1024)]
    public int EmbeddingSize { get; set; } = 64; // DFAC; RiskQ's public code has an output for each quantile instead

    /// <inheritdoc/>
    [Range(1, 65_536)]
    public int? UnitStateSize { get; set; } // depends on the task

    /// <inheritdoc/>
    [Range(1, 64)]
    public int AttentionHeads { get; set; } = 1; // RiskQ

    /// <inheritdoc/>
    [Range(1, 1024)]
    public int AttentionSize { get; set; } = 16; // RiskQ

    /// <inheritdoc/>
    [Range(1, 1024)]
    public int HypernetSize { get; set; } = 32; // RiskQ

    /// <inheritdoc/>
    [Range(1, 1024)]
    public int ShiftSize { get; set; } = 16; // RiskQ
}
