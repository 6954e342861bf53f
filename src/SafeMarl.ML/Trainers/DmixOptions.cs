using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>Options of DMIX and its kin (DFAC: factorised return distributions), which know rewards only; costs are reported, not constrained.</summary>
public sealed class DmixOptions : DistributionalOptions
{
    /// <summary>Options with their defaults.</summary>
    public DmixOptions()
    {
        TdLambda = 0; // DFAC
        DoubleQ = false; // DFAC
    }

    /// <summary>Quantiles whose mean is a value when agents act.</summary>
    [Range(1, 1024)]
    public int ActingQuantiles { get; set; } = 32; // DFAC
}
