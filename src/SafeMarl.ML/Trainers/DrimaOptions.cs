using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>Options of DRIMA, which looks apart at the risks of the environment and of what other agents do; it knows rewards only, and costs are reported, not constrained.</summary>
public sealed class DrimaOptions : ValueFactorizationOptions
{
    /// <summary>Options with their defaults.</summary>
    public DrimaOptions() => TdLambda = 0; // DRIMA

    /// <summary>What agents make of the risk that others do not do their best.</summary>
    public RiskAttitude AgentRisk { get; set; } = RiskAttitude.Seeking; // DRIMA

    /// <summary>What they make of the risk in the environment: the mean of its worst or best quarter counts, or that of all.</summary>
    public RiskAttitude EnvironmentRisk { get; set; } = RiskAttitude.Averse; // DRIMA

    /// <summary>Levels of the agents' risk.</summary>
    [Range(2, 256)]
    public int AgentLevels { get; set; } = 10; // DRIMA

    /// <summary>Quantiles of the environment's risk, drawn anew for each use.</summary>
    [Range(1, 256)]
    public int Quantiles { get; set; } = 8; // DRIMA

    /// <summary>Cosines that a quantile's fraction is embedded in.</summary>
    [Range(1, 1024)]
    public int EmbeddingSize { get; set; } = 64; // DRIMA

    /// <summary>Width of all hidden layers of the joint value.</summary>
    [Range(1, 1024)]
    public int JointSize { get; set; } = 64; // DRIMA
}
