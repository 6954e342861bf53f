using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>
/// Options of MAPPO-Lagrangian. Set <see cref="CostLimit"/> or <see cref="CostLimits"/>; everything else has the default of its source.
/// </summary>
public sealed class MappoLagrangianOptions : OnPolicyOptions, IConstrainedOptions, IValidatableObject
{
    /// <summary>Options with their defaults.</summary>
    public MappoLagrangianOptions()
    {
        Environments = 16; // MAPPO-Lagrangian's script
        RolloutSteps = 1000; // MAPPO-Lagrangian's script
        CriticLearningRate = 5e-3; // MAPPO-Lagrangian's script
    }

    /// <summary>
    /// The update of the published code, with everything in it that the paper does not have: for comparisons with figures that were made by it.
    /// Costs are those of the last rollout and of each agent all the same (the code looks every fifth, at their mean), and truncated episodes bootstrap.
    /// </summary>
    public static MappoLagrangianOptions Published => new()
    {
        MultiplierLearningRate = 1e-7, MaxMultiplier = 1e6, Schedule = MultiplierSchedule.Minibatch, Ratio = ActionRatio.PerDimension, WeighCosts = true,
        PublishedCritics = true,
    };

    /// <summary>Limit on the mean cost of an episode (sum over its steps), for every agent and every channel without a limit of its own.</summary>
    [Range(0, double.MaxValue)]
    public double? CostLimit { get; set; } // no honest default: it is the task's

    /// <summary>Limits by cost channel; they come before <see cref="CostLimit"/>.</summary>
    public IDictionary<string, double> CostLimits { get; set; } = new Dictionary<string, double>();

    /// <summary>Bound on the likelihood ratio's distance from 1.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double ClipEpsilon { get; set; } = 0.2; // MAPPO-Lagrangian

    /// <summary>Weight of the entropy bonus.</summary>
    [Range(0.0, 100.0)]
    public double EntropyCoefficient { get; set; } = 0.01; // MAPPO-Lagrangian

    /// <summary>Passes over a rollout per update.</summary>
    [Range(1, 10_000)]
    public int Epochs { get; set; } = 5; // MAPPO-Lagrangian

    /// <summary>Minibatches that a rollout is cut into.</summary>
    [Range(1, 1_000_000)]
    public int Minibatches { get; set; } = 40; // MAPPO-Lagrangian's script

    /// <summary>Adam's step for policies.</summary>
    [Range(0.0, 10.0, MinimumIsExclusive = true)]
    public double ActorLearningRate { get; set; } = 9e-5; // MAPPO-Lagrangian's script

    /// <summary>Every multiplier's value at first.</summary>
    [Range(0, 1e6)]
    public double InitialMultiplier { get; set; } = 0.78; // MAPPO-Lagrangian, SafePO

    /// <summary>Upper bound of every multiplier. A multiplier that stays there is reported: its cost cannot be priced any higher.</summary>
    [Range(0, 1e6)]
    public double MaxMultiplier { get; set; } = 10; // MAPPO-Lagrangian has none; both advantages being standardised, ten times the reward leaves nothing of it

    /// <summary>Step of a multiplier per unit of episode cost above the limit; with gains, the integral one.</summary>
    [Range(0, 1e6)]
    public double MultiplierLearningRate { get; set; } = 0.01; // FOCOPS; the published 1e-7 leaves multipliers where they begin

    /// <summary>Price per unit of episode cost above the limit.</summary>
    [Range(0, 1e6)]
    public double ProportionalGain { get; set; } // 0: plain gradient; Stooke et al. 2020 add it

    /// <summary>Price per unit by which an episode's cost has risen since the rollout before.</summary>
    [Range(0, 1e6)]
    public double DerivativeGain { get; set; } // 0: plain gradient; Stooke et al. 2020 add it

    /// <summary>When multipliers move.</summary>
    public MultiplierSchedule Schedule { get; set; } = MultiplierSchedule.Rollout; // FOCOPS; MAPPO-Lagrangian's code: after each gradient step

    /// <summary>What the likelihood ratio of an action with several dimensions is.</summary>
    public ActionRatio Ratio { get; set; } = ActionRatio.Product; // the paper, SafePO

    /// <summary>Whether the ratios of the agents before weigh costs too.</summary>
    public bool WeighCosts { get; set; } // a cost depends on the agent's own action; MAPPO-Lagrangian's code weighs it

    /// <summary>
    /// Whether an agent's critics of reward and costs share one normaliser, which every look changes, and errors below -<see cref="OnPolicyOptions.HuberDelta"/> count nothing.
    /// </summary>
    public bool PublishedCritics { get; set; } // mistakes of the published code

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        IEnumerable<ValidationResult> limits = ConstrainedOptions.Validate(this);
        return InitialMultiplier <= MaxMultiplier ? limits
            : limits.Append(new ValidationResult($"it must be at most {nameof(MaxMultiplier)}, {MaxMultiplier}", [nameof(InitialMultiplier)]));
    }
}
