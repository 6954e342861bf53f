using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>
/// Options of MACPO (multi-agent constrained policy optimisation). Set <see cref="CostLimit"/> or <see cref="CostLimits"/>; everything else has
/// the default of its source.
/// </summary>
public sealed class MacpoOptions : OnPolicyOptions, IConstrainedOptions, IValidatableObject
{
    /// <summary>Options with their defaults.</summary>
    public MacpoOptions()
    {
        Environments = 16; // MACPO's script
        RolloutSteps = 1000; // MACPO's script
        CriticLearningRate = 5e-3; // MACPO's script
    }

    /// <summary>
    /// The update of the paper's published code, with everything in it that the paper does not have: for comparisons with figures that were made by it.
    /// Costs are those of the last rollout all the same (the code looks every fifth), and truncated episodes bootstrap.
    /// </summary>
    public static MacpoOptions Published => new()
    {
        KlThreshold = 0.0065, StepFraction = 0.27, MaxStepNorm = 0.5, Minibatches = 40, CriticEpochs = 1, CriticMinibatches = 40, Ratio = ActionRatio.PerDimension,
        Divergence = DivergenceFormula.Published, WeighCosts = true, Units = ConstraintUnits.Published, PublishedCritics = true,
    };

    /// <summary>Limit on the mean cost of an episode (sum over its steps), for every agent and every channel without a limit of its own.</summary>
    [Range(0, double.MaxValue)]
    public double? CostLimit { get; set; } // no honest default: it is the task's

    /// <summary>Limits by cost channel; they come before <see cref="CostLimit"/>.</summary>
    public IDictionary<string, double> CostLimits { get; set; } = new Dictionary<string, double>();

    /// <summary>Radius of the trust region: how far a step may move a policy, as the mean KL(old || new).</summary>
    [Range(0.0, 100.0, MinimumIsExclusive = true)]
    public double KlThreshold { get; set; } = 0.01; // MACPO's configuration, HARL; MACPO's script: 0.0065 in each of 40 steps

    /// <summary>Iterations of the conjugate gradient method.</summary>
    [Range(1, 10_000)]
    public int ConjugateGradientIterations { get; set; } = 10; // MACPO

    /// <summary>Added to the diagonal of the divergence's Hessian.</summary>
    [Range(0.0, 1e6)]
    public double Damping { get; set; } = 0.1; // MACPO

    /// <summary>Fractions of a step that are tried.</summary>
    [Range(1, 1000)]
    public int LineSearchSteps { get; set; } = 10; // MACPO

    /// <summary>Each fraction over the one before.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true, MaximumIsExclusive = true)]
    public double LineSearchDecay { get; set; } = 0.5; // MACPO's script

    /// <summary>The first fraction of a step that is tried.</summary>
    [Range(0.0, 10.0, MinimumIsExclusive = true)]
    public double StepFraction { get; set; } = 1; // CPO; MACPO's script begins at 0.27 of the trust region

    /// <summary>Bound on the norm of a step; null: the trust region alone.</summary>
    [Range(0.0, 1e9, MinimumIsExclusive = true)]
    public double? MaxStepNorm { get; set; } // the paper has none; MACPO's code: 0.5

    /// <summary>Minibatches that a rollout is cut into, with a step of its own in each.</summary>
    [Range(1, 1_000_000)]
    public int Minibatches { get; set; } = 1; // the paper, SafePO; MACPO's script: 40, so that a policy moves up to 40 radii

    /// <summary>Passes of critics over a rollout.</summary>
    [Range(1, 10_000)]
    public int CriticEpochs { get; set; } = 5; // HARL

    /// <summary>Minibatches that a rollout is cut into for critics.</summary>
    [Range(1, 1_000_000)]
    public int CriticMinibatches { get; set; } = 40; // MACPO's script

    /// <summary>What the likelihood ratio of an action with several dimensions is.</summary>
    public ActionRatio Ratio { get; set; } = ActionRatio.Product; // the paper, SafePO

    /// <summary>How the divergence of two policies is computed.</summary>
    public DivergenceFormula Divergence { get; set; } = DivergenceFormula.Exact; // the paper; MACPO's and SafePO's code differ

    /// <summary>Whether the ratios of the agents before weigh costs too.</summary>
    public bool WeighCosts { get; set; } // the paper: a cost depends on the agent's own action; MACPO's code weighs it

    /// <summary>Units in which the distance from a limit is compared with what a step changes.</summary>
    public ConstraintUnits Units { get; set; } = ConstraintUnits.CostPerStep; // MACPO's code mixes two

    /// <summary>
    /// Whether an agent's critics of reward and costs share one normaliser, which every look changes, and errors below -<see cref="OnPolicyOptions.HuberDelta"/> count nothing.
    /// </summary>
    public bool PublishedCritics { get; set; } // mistakes of the published code

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => ConstrainedOptions.Validate(this);
}
