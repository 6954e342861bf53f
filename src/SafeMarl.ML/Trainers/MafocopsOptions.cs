using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>
/// Options of MAFOCOPS (multi-agent first-order constrained optimisation in policy space). Set <see cref="CostLimit"/> or
/// <see cref="CostLimits"/>; everything else has the default of its source.
/// </summary>
public sealed class MafocopsOptions : OnPolicyOptions, IConstrainedOptions, IValidatableObject
{
    /// <summary>Options with their defaults.</summary>
    public MafocopsOptions()
    {
        Environments = 16; // MACPO's script
        RolloutSteps = 1000; // MACPO's script
        CriticLearningRate = 5e-3; // MACPO's script
        ValueClip = null; // MAFOCOPS: mean squared error
    }

    /// <summary>Limit on the mean cost of an episode (sum over its steps), for every agent and every channel without a limit of its own.</summary>
    [Range(0, double.MaxValue)]
    public double? CostLimit { get; set; } // no honest default: it is the task's

    /// <summary>Limits by cost channel; they come before <see cref="CostLimit"/>.</summary>
    public IDictionary<string, double> CostLimits { get; set; } = new Dictionary<string, double>();

    /// <summary>Temperature lambda of the optimal policy update: the larger, the smaller the steps.</summary>
    [Range(0, 1e6, MinimumIsExclusive = true)]
    public double Lambda { get; set; } = 2.2; // MAFOCOPS, MAMuJoCo

    /// <summary>Bound delta on KL(new || old): of a sample for its loss to count, and of the mean for an agent's update to go on.</summary>
    [Range(0.0, 100.0, MinimumIsExclusive = true)]
    public double Delta { get; set; } = 0.0125; // MAFOCOPS, MAMuJoCo

    /// <summary>What the per-sample trust-region indicator multiplies.</summary>
    public FocopsIndicator Indicator { get; set; } = FocopsIndicator.WholeBracket; // text and FOCOPS code; eq. 11 as printed differs

    /// <summary>Every multiplier's value at first.</summary>
    [Range(0, 1e6)]
    public double InitialMultiplier { get; set; } // FOCOPS: 0; MAFOCOPS does not say

    /// <summary>Upper bound nu_max of every multiplier.</summary>
    [Range(0, 1e6)]
    public double MaxMultiplier { get; set; } = 1.3; // MAFOCOPS, MAMuJoCo

    /// <summary>Step of a multiplier per unit of episode cost above the limit.</summary>
    [Range(0, 1e6)]
    public double MultiplierLearningRate { get; set; } = 5e-5; // MAFOCOPS, MAMuJoCo: hundreds of rollouts to reach the bound

    /// <summary>Passes over a rollout per update.</summary>
    [Range(1, 10_000)]
    public int Epochs { get; set; } = 5; // MAFOCOPS, MAMuJoCo

    /// <summary>Samples of a gradient step.</summary>
    [Range(1, int.MaxValue)]
    public int MinibatchSize { get; set; } = 256; // MAFOCOPS, MAMuJoCo

    /// <summary>Adam's step for policies.</summary>
    [Range(0.0, 10.0, MinimumIsExclusive = true)]
    public double ActorLearningRate { get; set; } = 9e-5; // MACPO's script

    /// <summary>The second column of the paper's table: Multi-Agent Isaac Gym, where thousands of environments are stepped side by side.</summary>
    public static MafocopsOptions MultiAgentIsaacGym => new()
    {
        Lambda = 2, MaxMultiplier = 1.4, MultiplierLearningRate = 1e-3, Delta = 0.01, MinibatchSize = 8192, Epochs = 3,
    };

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        IEnumerable<ValidationResult> limits = ConstrainedOptions.Validate(this);
        return InitialMultiplier <= MaxMultiplier ? limits
            : limits.Append(new ValidationResult($"it must be at most {nameof(MaxMultiplier)}, {MaxMultiplier}", [nameof(InitialMultiplier)]));
    }
}
