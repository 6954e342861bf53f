using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>Options of ResQ (a monotonic value and a residual), which knows rewards only; costs are reported, not constrained.</summary>
public sealed class ResqOptions : MonotonicOptions
{
    /// <summary>Width of the hidden layers of the residual's and the central value's network.</summary>
    [Range(1, 1024)]
    public int CentralSize { get; set; } = 128; // ResQ
}
