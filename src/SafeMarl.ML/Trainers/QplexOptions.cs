using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>Options of QPLEX (duplex duelling value factorisation), which knows rewards only; costs are reported, not constrained.</summary>
public sealed class QplexOptions : ValueFactorizationOptions, IDuplexMixingOptions
{
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

    /// <inheritdoc/>
    [Range(1, 1024)]
    public int HypernetSize { get; set; } = 64; // QPLEX
}
