using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>Options of RMIX, whose agents choose by the mean of the lowest share of returns and find out how large a share; it knows rewards only, and costs are reported, not constrained.</summary>
public sealed class RmixOptions : MonotonicOptions
{
    /// <summary>Options with their defaults.</summary>
    public RmixOptions()
    {
        TdLambda = 0; // RMIX
        MixingSize = 48; // RMIX
    }

    /// <summary>Atoms of each return distribution.</summary>
    [Range(2, 1024)]
    public int Atoms { get; set; } = 100; // RMIX

    /// <summary>Levels of risk: the lowest 1/levels of the returns counts, 2/levels and so on up to all of them.</summary>
    [Range(1, 256)]
    public int RiskLevels { get; set; } = 10; // RMIX

    /// <summary>Numbers that tell how well a level goes with what an agent sees; null: as many as there are agents.</summary>
    [Range(1, 256)]
    public int? RiskSize { get; set; } // RMIX

    /// <summary>Weight of the loss that gives distributions their shape.</summary>
    [Range(0.0, 1e6)]
    public double QuantileWeight { get; set; } = 0.1; // RMIX: steps of their own at a tenth of the rate
}
