using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>What every algorithm with QMIX's mixing network needs to know.</summary>
public abstract class MonotonicOptions : ValueFactorizationOptions, IMonotonicMixingOptions
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
