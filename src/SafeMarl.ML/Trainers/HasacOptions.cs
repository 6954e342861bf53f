using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>Options of HASAC (heterogeneous-agent soft actor-critic). Defaults are those that HARL tuned for MAMuJoCo.</summary>
public sealed class HasacOptions : OffPolicyOptions
{
    /// <summary>Options with their defaults.</summary>
    public HasacOptions()
    {
        ReturnSteps = 10; // HARL, MAMuJoCo: 5 to 20
        Initialization = Initialization.Uniform; // HARL
    }

    /// <summary>Adam's step for policies.</summary>
    [Range(0.0, 10.0, MinimumIsExclusive = true)]
    public double ActorLearningRate { get; set; } = 1e-3; // HARL, MAMuJoCo

    /// <summary>Whether the critic's loss is linear for errors beyond <see cref="HuberDelta"/>.</summary>
    public bool UseHuberLoss { get; set; } // HARL, MAMuJoCo: off

    /// <summary>Size of the error beyond which that loss is linear.</summary>
    [Range(0.0, 1e6, MinimumIsExclusive = true)]
    public double HuberDelta { get; set; } = 10; // HARL

    /// <summary>Whether the critic learns returns normalised by their running statistics; policies then weigh entropy against normalised values.</summary>
    public bool NormalizeValues { get; set; } // HARL, MAMuJoCo: off
}
