using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>Options of QMIX (monotonic value factorisation), which knows rewards only; costs are reported, not constrained.</summary>
public sealed class QmixOptions : ValueFactorizationOptions, IMonotonicMixingOptions
{
    /// <inheritdoc/>
    [Range(1, 1024)]
    public int MixingSize { get; set; } = 32; // pymarl

    /// <inheritdoc/>
    [Range(1, 4)]
    public int HypernetLayers { get; set; } = 2; // pymarl

    /// <inheritdoc/>
    [Range(1, 1024)]
    public int HypernetSize { get; set; } = 64; // pymarl
}
