using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>Options of IPPO (independent proximal policy optimisation), which knows rewards only; costs are reported, not constrained.</summary>
public sealed class IppoOptions : OnPolicyOptions
{
    /// <summary>Bound on the likelihood ratio's distance from 1.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double ClipEpsilon { get; set; } = 0.2; // HARL, as MAPPO

    /// <summary>Weight of the entropy bonus.</summary>
    [Range(0.0, 100.0)]
    public double EntropyCoefficient { get; set; } = 0.01; // HARL, as MAPPO

    /// <summary>Passes over a rollout per update.</summary>
    [Range(1, 10_000)]
    public int Epochs { get; set; } = 5; // HARL, as MAPPO

    /// <summary>Minibatches that a rollout is cut into.</summary>
    [Range(1, 1_000_000)]
    public int Minibatches { get; set; } = 1; // HARL, as MAPPO

    /// <summary>Adam's step for policies.</summary>
    [Range(0.0, 10.0, MinimumIsExclusive = true)]
    public double ActorLearningRate { get; set; } = 5e-4; // HARL, as MAPPO
}
