using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>Options of ResZ (ResQ for return distributions), which knows rewards only; costs are reported, not constrained.</summary>
public sealed class ReszOptions : AttentionOptions
{
    /// <summary>Options with their defaults.</summary>
    public ReszOptions() => Quantiles = 8; // ResZ

    /// <summary>Width of the hidden layers of the central value's network.</summary>
    [Range(1, 1024)]
    public int CentralSize { get; set; } = 128; // ResZ
}
