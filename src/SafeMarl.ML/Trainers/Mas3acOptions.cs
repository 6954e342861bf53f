using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>
/// Options of MAS3AC (multi-agent soft actor-critic with safety and stability certificates). It needs no limits: every cost is to stay at 0 in
/// every state. What the paper gives has its value; what it leaves open has the recommended one, with the reason on the line.
/// </summary>
public sealed class Mas3acOptions : OffPolicyOptions, IValidatableObject
{
    /// <summary>Options with their defaults.</summary>
    public Mas3acOptions()
    {
        TotalSteps = 3_000_000; // MAS3AC: its longest runs
        UpdatesPerStep = 0.05; // the paper's one update per collection leaves the ratio open; it builds on HASAC's settings
        ReturnSteps = 1; // the hinges need consecutive states
        PolicyInterval = 2; // MAS3AC, table 3
        CriticLearningRate = 0.002; // MAS3AC, table 3: eta 1
        InitialTemperature = 0.2; // MAS3AC, table 3; HARL begins at 1
    }

    /// <summary>The second set of learning rates of the paper's table 3: twice as fast at first, and a quarter of it from each agent to the next.</summary>
    /// <param name="agents">Number of agents of the task.</param>
    public static Mas3acOptions QuarteringRates(int agents)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(agents);
        double[] policies = [.. Enumerable.Range(0, agents).Select(i => 2e-3 * Math.Pow(0.25, i))];
        return new Mas3acOptions { CriticLearningRate = 0.004, ActorLearningRates = [.. policies], MultiplierLearningRates = [.. policies.Select(rate => rate / 2)] };
    }

    /// <summary>Adam's step of the first agent's policy.</summary>
    [Range(0.0, 10.0, MinimumIsExclusive = true)]
    public double ActorLearningRate { get; set; } = 1e-3; // MAS3AC, table 3: eta 2 of the first of four agents

    /// <summary>How much smaller the last agent's step is; those between are evenly spaced, and a multiplier's step is half a gap below its agent's.</summary>
    [Range(0.0, 10.0)]
    public double ActorLearningRateSpan { get; set; } = 6e-4; // reproduces table 3 for four agents, and keeps eta 3 of an agent above eta 2 of the next for any number

    /// <summary>Adam's step of every agent's policy; they come before <see cref="ActorLearningRate"/> and its span. Empty: evenly spaced.</summary>
    public IList<double> ActorLearningRates { get; set; } = [];

    /// <summary>Step of every agent's multipliers. Empty: half a gap below the agent's policy.</summary>
    public IList<double> MultiplierLearningRates { get; set; } = [];

    /// <summary>Share of every learning rate that is left at the end of the run, approached linearly; the temperature's stays.</summary>
    [Range(0.0, 1.0)]
    public double FinalLearningRateShare { get; set; } // 0: "linear decay always applied"; ratios between agents are preserved

    /// <summary>Bound on the norm of a policy's gradient; null: none.</summary>
    [Range(0.0, 1e9, MinimumIsExclusive = true)]
    public double? MaxActorGradientNorm { get; set; } = 10; // appendix J.7 reports numerical failure when terms compound

    /// <summary>The order in which agents learn in an update.</summary>
    public AgentOrder AgentOrder { get; set; } = AgentOrder.Fixed; // timescales are tied to the index

    /// <summary>Whether all agents of an update look at the same draws of actions; otherwise, and with <see cref="ShareParameters"/>, each turn draws its own.</summary>
    public bool ShareDraws { get; set; } = true; // an agent's draws are made once instead of once a turn; the expectation is the same

    /// <summary>Whether one set of networks serves all agents, for agents that are alike.</summary>
    public bool ShareParameters { get; set; } // the paper shares in homogeneous tasks (appendix B) only

    /// <summary>What critics and safety certificates look at.</summary>
    public CriticInformation Information { get; set; } = CriticInformation.Centralized; // Neighborhood: appendix A, for tasks with local observations

    /// <summary>Agents within so many steps along the task's communication graph belong to a neighbourhood.</summary>
    [Range(0, 10_000)]
    public int NeighborhoodSize { get; set; } = 3; // MAS3AC, I.2.1 compares 0 to 3

    /// <summary>What stability certificates look at.</summary>
    public StabilityInput StabilityInput { get; set; } = StabilityInput.OwnState; // superscripts of eq. 9; I.2.2 finds it more sample efficient

    /// <summary>Whether the reward's critic is the smaller of two; certificates are one network each.</summary>
    public bool TwinCritics { get; set; } = true; // certificates enter the hinges with both signs, so there the smaller is on neither side safe

    /// <summary>Whether policies look at the reward; without, at the certificates and their entropy alone.</summary>
    public bool UseReward { get; set; } = true; // off: ablation J.7

    /// <summary>Whether policies look at safety certificates, which are learned in any case.</summary>
    public bool UseSafety { get; set; } = true; // off: what the certificate is worth

    /// <summary>Whether policies look at stability certificates; nothing where the task reports no deviation.</summary>
    public bool UseStability { get; set; } = true; // off: ablation J.6

    /// <summary>Whether the penalty has its squared term.</summary>
    public bool UseSquaredTerm { get; set; } = true; // off: ablation J.8

    /// <summary>What a safety certificate is a value of.</summary>
    public SafetyCertificateKind SafetyCertificate { get; set; } = SafetyCertificateKind.Barrier; // Reachability: ablation J.5

    /// <summary>The barrier signal of a cost.</summary>
    public BarrierSignal BarrierSignal { get; set; } = BarrierSignal.Graded; // lemma 1 only needs it to be negative exactly on violations; appendix H grades

    /// <summary>epsilon: share of the barrier's distance to 0 that must be made good in a step.</summary>
    [Range(0.0, 1.0)]
    public double SafetyDecay { get; set; } = 0.1; // every value in (0, 1) has the same fixed point H = 0; it sets the push and the margin for noise

    /// <summary>alpha': share by which the Lyapunov value must fall in a step.</summary>
    [Range(0.0, 1.0)]
    public double StabilityDecay { get; set; } = 0.1; // geometric decay of the deviation at rate 1 - alpha'; larger for strongly coupled agents (theorem 2)

    /// <summary>Whether each agent learns that share itself, beginning at <see cref="StabilityDecay"/>, under the explicit condition on the gains between agents.</summary>
    public bool AdaptStabilityDecay { get; set; } // appendix F

    /// <summary>delta: gain from each neighbour's Lyapunov value in that condition.</summary>
    [Range(0.0, 1.0)]
    public double InterAgentGain { get; set; } = 0.1; // appendix F gives none; of the size of the decay it is weighed against

    /// <summary>beta: margin of that condition.</summary>
    [Range(0.0, 100.0)]
    public double GainMargin { get; set; } = 0.1; // appendix F gives none

    /// <summary>kappa: how much of the Lyapunov value's rise a unit of disturbance excuses; for tasks that report disturbances.</summary>
    [Range(0.0, 1e6)]
    public double DisturbanceGain { get; set; } // J.1: linear

    /// <summary>Weight of an agent's squared action in its deviation.</summary>
    [Range(0.0, 1e6)]
    public double ActuationWeight { get; set; } // mentioned in appendix H, not quantified

    /// <summary>What the sum over time in the policy's objective becomes on a batch.</summary>
    public HingeSum HingeSum { get; set; } = HingeSum.OneStep; // the discounted occupancy is the batch up to 1 / (1 - gamma), which the multiplier absorbs; with squared hinges the factor blows up

    /// <summary>Which actions certificates look at after a step.</summary>
    public CertifiedActions CertifiedActions { get; set; } = CertifiedActions.Drawn; // the hats of eqs. 8 and 10

    /// <summary>Which actions the hinges' H(x, u) and V(s, u) look at.</summary>
    public StepActions HingeActions { get; set; } = StepActions.Stored; // the plain u of eqs. 8 and 10

    /// <summary>Which actions of the others a policy's Q(x, u) looks at.</summary>
    public StepActions OthersActions { get; set; } = StepActions.Redrawn; // eq. 2a evaluates the joint current policy, as HASAC does

    /// <summary>Whether nothing follows a termination, in targets and hinges.</summary>
    public bool MaskTerminated { get; set; } = true; // eqs. 6 to 9 leave it out; what is seen after a terminal step means nothing

    /// <summary>Every multiplier's value at first.</summary>
    [Range(0.0, 1e6)]
    public double InitialMultiplier { get; set; } = 1; // the paper gives none

    /// <summary>Upper bound of every multiplier.</summary>
    [Range(0.0, 1e6)]
    public double MaxMultiplier { get; set; } = 100; // assumption 5 needs a bound: the penalty is never negative, so multipliers never fall

    /// <summary>How multipliers are moved.</summary>
    public MultiplierOptimizer MultiplierOptimizer { get; set; } = MultiplierOptimizer.Ascent; // Adam would raise them by its rate even for vanishing hinges

    /// <summary>Which penalty multipliers are moved by.</summary>
    public MultiplierTiming MultiplierTiming { get; set; } = MultiplierTiming.BeforePolicyStep; // one pass; the difference is of second order

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (ActorLearningRates is null || MultiplierLearningRates is null)
        {
            yield return new ValidationResult("it must not be null; leave it empty", [ActorLearningRates is null ? nameof(ActorLearningRates) : nameof(MultiplierLearningRates)]);
            yield break;
        }
        if (ActorLearningRates.Any(r => r is not (> 0 and <= 10)))
            yield return new ValidationResult("every rate must be between 0 exclusive and 10", [nameof(ActorLearningRates)]);
        if (MultiplierLearningRates.Any(r => r is not (>= 0 and <= 10)))
            yield return new ValidationResult("every rate must be between 0 and 10", [nameof(MultiplierLearningRates)]);
        // For two agents the last multiplier's rate is one and a half spans below the first policy's.
        if (ActorLearningRates.Count == 0 && ActorLearningRateSpan * 1.5 >= ActorLearningRate)
            yield return new ValidationResult($"it must be less than two thirds of {nameof(ActorLearningRate)}, {ActorLearningRate}, so that every rate is positive", [nameof(ActorLearningRateSpan)]);
        if (InitialMultiplier > MaxMultiplier)
            yield return new ValidationResult($"it must be at most {nameof(MaxMultiplier)}, {MaxMultiplier}", [nameof(InitialMultiplier)]);
    }
}
