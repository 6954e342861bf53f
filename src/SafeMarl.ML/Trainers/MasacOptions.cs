using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>Options of MASAC: independent soft actor-critics, each with a critic of its own observation and action.</summary>
public sealed class MasacOptions : OffPolicyOptions
{
    /// <summary>Options with their defaults.</summary>
    public MasacOptions() => Initialization = Initialization.Uniform; // as HASAC, which it is compared with

    /// <summary>Adam's step for policies.</summary>
    [Range(0.0, 10.0, MinimumIsExclusive = true)]
    public double ActorLearningRate { get; set; } = 1e-3; // as HASAC
}
