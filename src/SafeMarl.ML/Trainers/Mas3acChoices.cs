namespace SafeMarl.ML;

/// <summary>What critics and safety certificates look at.</summary>
public enum CriticInformation
{
    /// <summary>The global state (or all observations, where there is none) and the actions of all agents.</summary>
    Centralized,

    /// <summary>The agent's observation and the actions of its neighbourhood.</summary>
    Neighborhood,

    /// <summary>The agent's observation and its own action.</summary>
    OwnActions,
}

/// <summary>What stability certificates look at.</summary>
public enum StabilityInput
{
    /// <summary>The agent's own numbers of its observation and its own action.</summary>
    OwnState,

    /// <summary>What the critic looks at.</summary>
    AsCritic,
}

/// <summary>What a safety certificate is a value of.</summary>
public enum SafetyCertificateKind
{
    /// <summary>H, the discounted sum of the barrier signal to come.</summary>
    Barrier,

    /// <summary>R, the largest violation to come.</summary>
    Reachability,
}

/// <summary>The barrier signal of a cost.</summary>
public enum BarrierSignal
{
    /// <summary>Minus the cost: deeper violations count more.</summary>
    Graded,

    /// <summary>-1 wherever there is a cost.</summary>
    Indicator,
}

/// <summary>What the sum over time in the policy's objective becomes on a batch.</summary>
public enum HingeSum
{
    /// <summary>The mean of one step's hinge.</summary>
    OneStep,

    /// <summary>That mean divided by 1 - gamma.</summary>
    Discounted,
}

/// <summary>Which actions certificates look at after a step.</summary>
public enum CertifiedActions
{
    /// <summary>Actions that the policies draw.</summary>
    Drawn,

    /// <summary>The policies' likeliest actions, as a served policy acts.</summary>
    Likeliest,
}

/// <summary>Actions of a batch's own step.</summary>
public enum StepActions
{
    /// <summary>Those that were taken.</summary>
    Stored,

    /// <summary>Those that the policies draw now.</summary>
    Redrawn,
}

/// <summary>How multipliers are moved.</summary>
public enum MultiplierOptimizer
{
    /// <summary>By the rate times the penalty, within bounds.</summary>
    Ascent,

    /// <summary>By Adam, within bounds.</summary>
    Adam,
}

/// <summary>Which penalty multipliers are moved by.</summary>
public enum MultiplierTiming
{
    /// <summary>That of the policy before its step.</summary>
    BeforePolicyStep,

    /// <summary>That of the policy after its step; one more pass.</summary>
    AfterPolicyStep,
}

/// <summary>The order in which agents learn in an update.</summary>
public enum AgentOrder
{
    /// <summary>That of the task: the learning rates are tied to it.</summary>
    Fixed,

    /// <summary>A new one in every update.</summary>
    Random,
}
