using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>Options of MAPPO (multi-agent proximal policy optimisation), which knows rewards only; costs are reported, not constrained.</summary>
public sealed class MappoOptions : TrainingOptions
{
    /// <summary>Whether one policy serves all agents, which then must observe and act alike.</summary>
    public bool ShareParameters { get; set; } = true; // HARL

    /// <summary>Bound on the likelihood ratio's distance from 1.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double ClipEpsilon { get; set; } = 0.2; // HARL; tuned for HalfCheetah 2x3: 0.05

    /// <summary>Weight of the entropy bonus.</summary>
    [Range(0.0, 100.0)]
    public double EntropyCoefficient { get; set; } = 0.01; // HARL

    /// <summary>Bound on a value's move from its old one, in normalised units.</summary>
    [Range(0, 1e6, MinimumIsExclusive = true)]
    public double ValueClip { get; set; } = 0.2; // HARL

    /// <summary>Size of a value's error beyond which its loss is linear.</summary>
    [Range(0, 1e6, MinimumIsExclusive = true)]
    public double HuberDelta { get; set; } = 10; // HARL

    /// <summary>Passes over a rollout per update.</summary>
    [Range(1, 10_000)]
    public int Epochs { get; set; } = 5; // HARL

    /// <summary>Minibatches that a rollout is cut into.</summary>
    [Range(1, 1_000_000)]
    public int Minibatches { get; set; } = 1; // HARL

    /// <summary>Environments that are stepped side by side.</summary>
    [Range(1, 100_000)]
    public int Environments { get; set; } = 20; // HARL

    /// <summary>Steps of each environment in a rollout.</summary>
    [Range(1, 10_000_000)]
    public int RolloutSteps { get; set; } = 200; // HARL

    /// <summary>Discount of rewards.</summary>
    [Range(0.0, 1.0)]
    public double Gamma { get; set; } = 0.99; // HARL

    /// <summary>Decay lambda of generalised advantage estimation.</summary>
    [Range(0.0, 1.0)]
    public double GaeLambda { get; set; } = 0.95; // HARL

    /// <summary>Adam's step for policies.</summary>
    [Range(0.0, 10.0, MinimumIsExclusive = true)]
    public double ActorLearningRate { get; set; } = 5e-4; // HARL

    /// <summary>Adam's step for critics.</summary>
    [Range(0.0, 10.0, MinimumIsExclusive = true)]
    public double CriticLearningRate { get; set; } = 5e-4; // HARL

    /// <summary>Adam's epsilon.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double AdamEpsilon { get; set; } = 1e-5; // HARL

    /// <summary>Gradients are scaled down to this norm.</summary>
    [Range(0, 1e9, MinimumIsExclusive = true)]
    public double MaxGradientNorm { get; set; } = 10; // HARL

    /// <summary>Whether critics learn returns normalised by their running statistics.</summary>
    public bool NormalizeValues { get; set; } = true; // HARL

    /// <summary>Width of the hidden layers.</summary>
    [Range(1, 4096)]
    public int HiddenSize { get; set; } = 128; // HARL

    /// <summary>Number of hidden layers.</summary>
    [Range(1, 16)]
    public int HiddenLayers { get; set; } = 2; // HARL

    /// <summary>Nonlinearity of the hidden layers.</summary>
    public Activation Activation { get; set; } = Activation.ReLU; // HARL

    /// <summary>LayerNorm of observations and states.</summary>
    public bool InputNorm { get; set; } = true; // HARL

    /// <summary>LayerNorm after each hidden layer.</summary>
    public bool LayerNorm { get; set; } = true; // HARL

    /// <summary>How a Gaussian policy's standard deviation is parameterised.</summary>
    public StdParameterization Std { get; set; } = StdParameterization.Sigmoid; // HARL
}
