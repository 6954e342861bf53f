using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>What every off-policy algorithm needs to know: how environments are stepped, how much is learned from a step, and the soft policies.</summary>
public abstract class OffPolicyOptions : TrainingOptions
{
    /// <summary>Environments that are stepped side by side.</summary>
    [Range(1, 100_000)]
    public int Environments { get; set; } = 20; // HARL

    /// <summary>Steps of each environment in an iteration. Its updates run beside them and learn from all steps before the iteration.</summary>
    [Range(1, 1_000_000)]
    public int RolloutSteps { get; set; } = 50; // HARL: train_interval

    /// <summary>Updates for each environment step after the warm-up (the update-to-data ratio).</summary>
    [Range(0.0, 100.0, MinimumIsExclusive = true)]
    public double UpdatesPerStep { get; set; } = 0.05; // HARL: 50 updates for 50 steps of 20 environments

    /// <summary>Environment steps of uniformly random actions at the beginning, before anything is learned.</summary>
    [Range(0, long.MaxValue)]
    public long WarmupSteps { get; set; } = 10_000; // HARL

    /// <summary>Transitions that the replay keeps.</summary>
    [Range(1, int.MaxValue)]
    public int ReplayCapacity { get; set; } = 1_000_000; // HARL, MAS3AC

    /// <summary>Transitions of an update.</summary>
    [Range(1, 10_000_000)]
    public int BatchSize { get; set; } = 1000; // HARL, MAS3AC

    /// <summary>Steps of the returns that values of the reward learn from.</summary>
    [Range(1, 1000)]
    public int ReturnSteps { get; set; } = 1;

    /// <summary>Discount of all signals.</summary>
    [Range(0.0, 1.0)]
    public double Gamma { get; set; } = 0.99; // HARL, MAS3AC

    /// <summary>How far targets move towards their networks each time.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double Tau { get; set; } = 0.005; // HARL, MAS3AC

    /// <summary>Policies and targets are updated with every n-th update.</summary>
    [Range(1, 1000)]
    public int PolicyInterval { get; set; } = 1;

    /// <summary>Adam's step for critics.</summary>
    [Range(0.0, 10.0, MinimumIsExclusive = true)]
    public double CriticLearningRate { get; set; } = 1e-3;

    /// <summary>Weight alpha of the policies' entropy at first.</summary>
    [Range(0.0, 1e6, MinimumIsExclusive = true)]
    public double InitialTemperature { get; set; } = 1;

    /// <summary>Whether the weight is adapted so that the entropy meets its target.</summary>
    public bool AdaptTemperature { get; set; } = true;

    /// <summary>Adam's step for the logarithm of the weight.</summary>
    [Range(0.0, 10.0, MinimumIsExclusive = true)]
    public double TemperatureLearningRate { get; set; } = 3e-4; // HARL, MAS3AC

    /// <summary>Entropy that every policy should have; null: minus the dimensions of a box, 98 % of the largest for alternatives.</summary>
    [Range(-1e6, 1e6)]
    public double? TargetEntropy { get; set; } // Haarnoja et al. 2018; HARL's code gives 0 for alternatives, and means this

    /// <summary>Width of the hidden layers.</summary>
    [Range(1, 4096)]
    public int HiddenSize { get; set; } = 256; // HARL, MAS3AC

    /// <summary>Number of hidden layers.</summary>
    [Range(1, 16)]
    public int HiddenLayers { get; set; } = 2; // HARL, MAS3AC

    /// <summary>Nonlinearity of the hidden layers.</summary>
    public Activation Activation { get; set; } = Activation.ReLU; // HARL, MAS3AC

    /// <summary>Nonlinearity of a policy's last hidden layer.</summary>
    public Activation LastActivation { get; set; } = Activation.Tanh; // HARL, MAS3AC

    /// <summary>How weights begin.</summary>
    public Initialization Initialization { get; set; } = Initialization.Orthogonal; // MAS3AC
}
