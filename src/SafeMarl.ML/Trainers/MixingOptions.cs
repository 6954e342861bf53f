namespace SafeMarl.ML;

/// <summary>Options of QMIX's mixing network.</summary>
public interface IMonotonicMixingOptions
{
    /// <summary>Width of the mixing network's hidden layer.</summary>
    int MixingSize { get; }

    /// <summary>Layers of the networks that make its weights from the state.</summary>
    int HypernetLayers { get; }

    /// <summary>Width of their hidden layers.</summary>
    int HypernetSize { get; }
}

/// <summary>Options of QPLEX's mixing network.</summary>
public interface IDuplexMixingOptions
{
    /// <summary>Terms of the importance of an agent's advantage.</summary>
    int Kernels { get; }

    /// <summary>Layers of the networks that make them.</summary>
    int AdvantageLayers { get; }

    /// <summary>Width of these networks' hidden layers, where there are any.</summary>
    int AdvantageSize { get; }

    /// <summary>Width of the hidden layers of the networks that transform agents' values.</summary>
    int HypernetSize { get; }

    /// <summary>
    /// Numbers of each agent that a state begins with, one agent after the other; with them, agents' values are weighed by attention (Qatten), as in the
    /// official DPLEX. Null: by a network of the state, as in QPLEX.
    /// </summary>
    int? UnitStateSize { get; }

    /// <summary>Heads of the attention.</summary>
    int AttentionHeads { get; }

    /// <summary>Length of the attention's keys.</summary>
    int AttentionSize { get; }
}

/// <summary>Options of mixing by attention, of RiskQ and ResZ.</summary>
public interface IAttentionMixingOptions
{
    /// <summary>Numbers of its own that a state begins with for each agent, which attention sees; null: an equal part of the state.</summary>
    int? UnitStateSize { get; }

    /// <summary>Heads of the attention.</summary>
    int AttentionHeads { get; }

    /// <summary>Length of the attention's keys.</summary>
    int AttentionSize { get; }

    /// <summary>Width of the hidden layers of the attention's queries and of its heads' weights.</summary>
    int HypernetSize { get; }

    /// <summary>Width of the hidden layer of what is added to every quantile.</summary>
    int ShiftSize { get; }
}

/// <summary>Options of values that are distributions (implicit quantile networks), mixed by mean and shape.</summary>
public interface IDistributionalOptions : IMonotonicMixingOptions, IDuplexMixingOptions
{
    /// <summary>How the means of agents' return distributions are mixed.</summary>
    MeanMixing Mixing { get; }

    /// <summary>Quantiles of each distribution in an update.</summary>
    int Quantiles { get; }

    /// <summary>Quantiles of each target distribution.</summary>
    int TargetQuantiles { get; }

    /// <summary>Cosines that a quantile's fraction is embedded in.</summary>
    int EmbeddingSize { get; }
}

/// <summary>How the means of agents' return distributions become that of the team's.</summary>
public enum MeanMixing
{
    /// <summary>They are added: DDN.</summary>
    Sum,

    /// <summary>By QMIX's network: DMIX.</summary>
    Qmix,

    /// <summary>By QPLEX's network: DPLEX.</summary>
    Qplex,
}

/// <summary>Options of the barrier loss.</summary>
public interface IBarrierOptions
{
    /// <summary>Name of the cost that counts the agents lost in a step. A task without it that says which agents are lost (<see cref="SafeMarl.Environments.ILosableAgents"/>) is given it while training.</summary>
    string LossChannel { get; }

    /// <summary>Discount gamma_B of losses to come.</summary>
    double BarrierDiscount { get; }

    /// <summary>Decay lambda_B that the barrier should have from step to step.</summary>
    double BarrierDecay { get; }

    /// <summary>omega: an episode counts when it lost more agents; null: all but one of them.</summary>
    double? LossThreshold { get; }

    /// <summary>Newest episodes that the loss looks at.</summary>
    int BarrierEpisodes { get; }

    /// <summary>Temperature of the softmax that makes a policy of values.</summary>
    double BarrierTemperature { get; }

    /// <summary>Whether the mean hinge of these episodes at a step is taken off, for less variance.</summary>
    bool UseBarrierBaseline { get; }

    /// <summary>Whether the loss has no effect, as in the paper's published code: the control for whether it helps.</summary>
    bool Published { get; }
}
