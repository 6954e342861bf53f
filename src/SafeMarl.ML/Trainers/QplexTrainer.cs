using Microsoft.ML;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Algorithms.ValueFactorization;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Trainers;

namespace SafeMarl.ML;

/// <summary>Fits policies with QPLEX: a team's best action consists of its agents' best ones, and nothing else is assumed. It knows no constraints; costs are reported all the same.</summary>
public sealed class QplexTrainer : ValueFactorizationTrainer
{
    private readonly QplexOptions _options;

    internal QplexTrainer(MLContext mlContext, QplexOptions options) : this(Copy(options), mlContext) { }

    private QplexTrainer(QplexOptions own, MLContext mlContext) : base(mlContext, AlgorithmNames.Qplex, own) => _options = own;

    private protected override IAlgorithm<EpisodeDraw> CreateAlgorithm(TaskShape task, TrainingSetup setup) =>
        new FactoredQ(task, ValueFactorizationSettings.Team(_options), ValueFactorizationSettings.Target(_options), ValueFactorizationSettings.Qplex(_options, task, setup.Placement), barrier: null, setup.Threads, setup.Seed, setup.Placement);
}
