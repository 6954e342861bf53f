using Microsoft.ML;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Algorithms.ValueFactorization;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;

namespace SafeMarl.ML;

/// <summary>Fits policies with RMIX: agents that choose by the mean of the lowest share of returns, and find out how large a share. It knows no constraints; costs are reported all the same.</summary>
public sealed class RmixTrainer : ValueFactorizationTrainer
{
    private readonly RmixOptions _options;

    internal RmixTrainer(MLContext mlContext, RmixOptions options) : this(Copy(options), mlContext) { }

    private RmixTrainer(RmixOptions own, MLContext mlContext) : base(mlContext, AlgorithmNames.Rmix, own) => _options = own;

    internal override IAlgorithm<EpisodeDraw> CreateAlgorithm(TaskShape task, int threads, long seed, Placement placement) => new Rmix(
        task, ValueFactorizationSettings.Team(_options) with { Risk = new RiskLevels(_options.Atoms, _options.RiskLevels, _options.RiskSize ?? task.Agents.Count) },
        ValueFactorizationSettings.Target(_options), ValueFactorizationSettings.Qmix(_options, task, placement), _options.QuantileWeight, threads, seed, placement);
}
