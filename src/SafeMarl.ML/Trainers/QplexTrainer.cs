using Microsoft.ML;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Algorithms.ValueFactorization;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;

namespace SafeMarl.ML;

/// <summary>Fits policies with QPLEX: a team's best action consists of its agents' best ones, and nothing else is assumed. It knows no constraints; costs are reported all the same.</summary>
public sealed class QplexTrainer : ValueFactorizationTrainer
{
    private readonly QplexOptions _options;

    internal QplexTrainer(MLContext mlContext, QplexOptions options) : this(Copy(options), mlContext) { }

    private QplexTrainer(QplexOptions own, MLContext mlContext) : base(mlContext, AlgorithmNames.Qplex, own) => _options = own;

    internal override IAlgorithm<EpisodeDraw> CreateAlgorithm(TaskShape task, int threads, long seed, Placement placement) =>
        new FactoredQ(task, ValueFactorizationSettings.Team(_options), ValueFactorizationSettings.Target(_options), ValueFactorizationSettings.Qplex(_options, task, placement), barrier: null, threads, seed, placement);
}
