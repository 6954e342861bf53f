using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>What every algorithm of rollouts needs to know: how they are collected, how advantages are estimated, and the networks.</summary>
public abstract class OnPolicyOptions : TrainingOptions
{
    /// <summary>Environments that are stepped side by side.</summary>
    [Range(1, 100_000)]
    public int Environments { get; set; } = 20; // HARL

    /// <summary>Steps of each environment in a rollout.</summary>
    [Range(1, 10_000_000)]
    public int RolloutSteps { get; set; } = 200; // HARL

    /// <summary>Whether one policy serves all agents, which then must observe and act alike; critics are not shared by this.</summary>
    public bool ShareParameters { get; set; } // HARL shares in MAPPO only: agents that learn in turns have a policy each

    /// <summary>Discount of rewards and costs.</summary>
    [Range(0.0, 1.0)]
    public double Gamma { get; set; } = 0.99; // MACPO, HARL

    /// <summary>Decay lambda of generalised advantage estimation.</summary>
    [Range(0.0, 1.0)]
    public double GaeLambda { get; set; } = 0.95; // MACPO, HARL

    /// <summary>Adam's step for critics.</summary>
    [Range(0.0, 10.0, MinimumIsExclusive = true)]
    public double CriticLearningRate { get; set; } = 5e-4; // HARL

    /// <summary>Adam's epsilon.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double AdamEpsilon { get; set; } = 1e-5; // MACPO, HARL

    /// <summary>Gradients are scaled down to this norm before a step of Adam.</summary>
    [Range(0, 1e9, MinimumIsExclusive = true)]
    public double MaxGradientNorm { get; set; } = 10; // MACPO, HARL

    /// <summary>Whether critics learn returns normalised by their running statistics.</summary>
    public bool NormalizeValues { get; set; } = true; // MACPO, HARL; one normaliser per critic here

    /// <summary>Bound on a value's move from its old one, in normalised units, for the clipped Huber loss; null: squared error.</summary>
    [Range(0.0, 1e6, MinimumIsExclusive = true)]
    public double? ValueClip { get; set; } = 0.2; // MACPO, HARL

    /// <summary>Size of a value's error beyond which the clipped loss is linear.</summary>
    [Range(0.0, 1e6, MinimumIsExclusive = true)]
    public double HuberDelta { get; set; } = 10; // MACPO, HARL

    /// <summary>Width of the hidden layers.</summary>
    [Range(1, 4096)]
    public int HiddenSize { get; set; } = 128; // HARL, and SafePO on MuJoCo

    /// <summary>Number of hidden layers.</summary>
    [Range(1, 16)]
    public int HiddenLayers { get; set; } = 2; // MACPO, HARL

    /// <summary>Nonlinearity of the hidden layers.</summary>
    public Activation Activation { get; set; } = Activation.ReLU; // MACPO, HARL

    /// <summary>LayerNorm of observations and states.</summary>
    public bool InputNorm { get; set; } = true; // MACPO, HARL

    /// <summary>LayerNorm after each hidden layer.</summary>
    public bool LayerNorm { get; set; } = true; // MACPO, HARL

    /// <summary>How a Gaussian policy's standard deviation is parameterised.</summary>
    public StdParameterization Std { get; set; } = StdParameterization.Sigmoid; // MACPO, HARL
}
