using Microsoft.ML;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Algorithms.ValueFactorization;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;

namespace SafeMarl.ML;

/// <summary>Fits policies with DRIMA: agents that may fear the environment's risk and yet trust each other, or the other way round. It knows no constraints; costs are reported all the same.</summary>
public sealed class DrimaTrainer : ValueFactorizationTrainer
{
    private const double Quarter = 0.25; // DRIMA

    private readonly DrimaOptions _options;

    internal DrimaTrainer(MLContext mlContext, DrimaOptions options) : this(Copy(options), mlContext) { }

    private DrimaTrainer(DrimaOptions own, MLContext mlContext) : base(mlContext, AlgorithmNames.Drima, own) => _options = own;

    private int ActingLevel => _options.AgentRisk switch
    {
        RiskAttitude.Averse => 0,
        RiskAttitude.Neutral => _options.AgentLevels / 2,
        _ => _options.AgentLevels - 1,
    };

    private (double Lowest, double Range) Fractions => _options.EnvironmentRisk switch
    {
        RiskAttitude.Averse => (0, Quarter),
        RiskAttitude.Neutral => (0, 1),
        _ => (1 - Quarter, Quarter),
    };

    internal override IAlgorithm<EpisodeDraw> CreateAlgorithm(TaskShape task, int threads, long seed, Placement placement) => new Drima(
        task, ValueFactorizationSettings.Team(_options), ValueFactorizationSettings.Target(_options),
        new DrimaSettings(_options.AgentLevels, ActingLevel, _options.Quantiles, Fractions.Lowest, Fractions.Range),
        random => new DrimaValue(task.Agents.Count, task.StateSize, _options.AgentLevels, _options.JointSize, _options.EmbeddingSize, ref random, placement),
        threads, seed, placement);
}
