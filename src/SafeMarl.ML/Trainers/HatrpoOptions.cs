using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>Options of HATRPO (heterogeneous-agent trust-region policy optimisation), which knows rewards only; costs are reported, not constrained.</summary>
public sealed class HatrpoOptions : OnPolicyOptions
{
    /// <summary>Radius of the trust region: how far a step may move a policy, as the mean KL(old || new).</summary>
    [Range(0.0, 100.0, MinimumIsExclusive = true)]
    public double KlThreshold { get; set; } = 0.01; // HARL; tuned for MuJoCo: 0.005

    /// <summary>Iterations of the conjugate gradient method.</summary>
    [Range(1, 10_000)]
    public int ConjugateGradientIterations { get; set; } = 10; // HARL

    /// <summary>Added to the diagonal of the divergence's Hessian.</summary>
    [Range(0.0, 1e6)]
    public double Damping { get; set; } = 0.1; // HARL

    /// <summary>Fractions of a step that are tried.</summary>
    [Range(1, 1000)]
    public int LineSearchSteps { get; set; } = 10; // HARL

    /// <summary>Each fraction over the one before.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true, MaximumIsExclusive = true)]
    public double LineSearchDecay { get; set; } = 0.8; // HARL

    /// <summary>Share of what the gradient promises that a step must gain.</summary>
    [Range(0.0, 1.0)]
    public double AcceptRatio { get; set; } = 0.5; // HARL

    /// <summary>Passes of critics over a rollout.</summary>
    [Range(1, 10_000)]
    public int CriticEpochs { get; set; } = 5; // HARL

    /// <summary>Minibatches that a rollout is cut into for critics.</summary>
    [Range(1, 1_000_000)]
    public int CriticMinibatches { get; set; } = 1; // HARL
}
