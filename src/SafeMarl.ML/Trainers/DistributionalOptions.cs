using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>What every algorithm that factorises return distributions by mean and shape needs to know.</summary>
public abstract class DistributionalOptions : ValueFactorizationOptions, IDistributionalOptions
{
    /// <inheritdoc/>
    public MeanMixing Mixing { get; set; } = MeanMixing.Qmix;

    /// <inheritdoc/>
    [Range(1, 256)]
    public int Quantiles { get; set; } = 8; // DFAC

    /// <inheritdoc/>
    [Range(1, 256)]
    public int TargetQuantiles { get; set; } = 8; // DFAC

    /// <inheritdoc/>
    [Range(1, 1024)]
    public int EmbeddingSize { get; set; } = 64; // DFAC

    /// <inheritdoc/>
    [Range(1, 1024)]
    public int MixingSize { get; set; } = 32; // DFAC

    /// <inheritdoc/>
    [Range(1, 4)]
    public int HypernetLayers { get; set; } = 2; // DFAC

    /// <inheritdoc/>
    [Range(1, 1024)]
    public int HypernetSize { get; set; } = 64; // DFAC

    /// <inheritdoc/>
    [Range(1, 64)]
    public int Kernels { get; set; } = 4; // QPLEX on StarCraft II

    /// <inheritdoc/>
    [Range(1, 4)]
    public int AdvantageLayers { get; set; } = 1; // QPLEX on StarCraft II

    /// <inheritdoc/>
    [Range(1, 1024)]
    public int AdvantageSize { get; set; } = 64; // QPLEX

    /// <inheritdoc/>
    [Range(1, 65_536)]
    public int? UnitStateSize { get; set; } // QPLEX has no attention; DPLEX depends on the task

    /// <inheritdoc/>
    [Range(1, 64)]
    public int AttentionHeads { get; set; } = 4; // DFAC

    /// <inheritdoc/>
    [Range(1, 1024)]
    public int AttentionSize { get; set; } = 32; // DFAC
}
