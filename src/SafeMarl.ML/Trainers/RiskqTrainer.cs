using Microsoft.ML;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Algorithms.ValueFactorization;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;

namespace SafeMarl.ML;

/// <summary>Fits policies with RiskQ: agents that take the actions of the least risk, by quantiles of the team's return. It knows no constraints; costs are reported all the same.</summary>
public sealed class RiskqTrainer : ValueFactorizationTrainer
{
    private readonly RiskqOptions _options;

    internal RiskqTrainer(MLContext mlContext, RiskqOptions options) : this(Copy(options), mlContext) { }

    private RiskqTrainer(RiskqOptions own, MLContext mlContext) : base(mlContext, AlgorithmNames.Riskq, own) => _options = own;

    internal override IAlgorithm<EpisodeDraw> CreateAlgorithm(TaskShape task, int threads, long seed, Placement placement)
    {
        QuantileSettings quantiles = ValueFactorizationSettings.Quantiles(_options, new Distortion(_options.Risk, _options.RiskLevel));
        return new FactoredQ(
            task, ValueFactorizationSettings.Team(_options, quantiles), ValueFactorizationSettings.Target(_options),
            random => ValueFactorizationSettings.Attention(_options, task, monotonic: true, ref random, placement),
            barrier: null, threads, seed, placement);
    }
}
