using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>Options of QTRAN-base, which knows rewards only; costs are reported, not constrained.</summary>
public sealed class QtranOptions : ValueFactorizationOptions
{
    /// <summary>Width of the joint value's hidden layers.</summary>
    [Range(1, 1024)]
    public int JointSize { get; set; } = 64; // pymarl

    /// <summary>Weight of the loss at the agents' best actions.</summary>
    [Range(0.0, 1e6)]
    public double OptimalWeight { get; set; } = 1; // pymarl

    /// <summary>Weight of the loss at other actions.</summary>
    [Range(0.0, 1e6)]
    public double OtherWeight { get; set; } = 0.1; // pymarl
}
