using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>Options of the CBF baseline: DMIX, and beside it a network that rejects actions after which agents tend to be lost.</summary>
public sealed class CbfOptions : DistributionalOptions
{
    /// <summary>Options with their defaults.</summary>
    public CbfOptions()
    {
        TdLambda = 0; // DFAC
        DoubleQ = false; // DFAC
    }

    /// <summary>Quantiles whose mean is a value when agents act.</summary>
    [Range(1, 1024)]
    public int ActingQuantiles { get; set; } = 32; // DFAC

    /// <summary>
    /// Name of the cost that is 1 when an agent is lost. A task without it that says which agents are lost (<see cref="SafeMarl.Environments.ILosableAgents"/>) is given it while training, each agent its own.
    /// </summary>
    [Required]
    public string LossChannel { get; set; } = "lost"; // no task's own, so that each agent knows of itself

    /// <summary>Steps before an agent is lost in which its actions count as dangerous.</summary>
    [Range(1, 100_000)]
    public int DangerSteps { get; set; } = 4; // no value in the DBF paper, whose baseline it is

    /// <summary>Share of its barrier that an action may give up in a step.</summary>
    [Range(0.0, 1.0)]
    public double BarrierDecay { get; set; } = 0.1; // MACBF: alpha 1 for steps of 0.1 s

    /// <summary>By how much barriers of dangerous actions should be below 0.</summary>
    [Range(0.0, 1e6)]
    public double BarrierMargin { get; set; } = 1e-3; // MACBF
}
