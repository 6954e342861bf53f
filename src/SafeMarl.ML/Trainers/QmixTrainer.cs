using Microsoft.ML;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Algorithms.ValueFactorization;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;

namespace SafeMarl.ML;

/// <summary>Fits policies with QMIX: the team's value rises with each of its agents' values. It knows no constraints; costs are reported all the same.</summary>
public sealed class QmixTrainer : ValueFactorizationTrainer
{
    private readonly QmixOptions _options;

    internal QmixTrainer(MLContext mlContext, QmixOptions options) : this(Copy(options), mlContext) { }

    private QmixTrainer(QmixOptions own, MLContext mlContext) : base(mlContext, AlgorithmNames.Qmix, own) => _options = own;

    internal override IAlgorithm<EpisodeDraw> CreateAlgorithm(TaskShape task, int threads, long seed, Placement placement) =>
        new FactoredQ(task, ValueFactorizationSettings.Team(_options), ValueFactorizationSettings.Target(_options), ValueFactorizationSettings.Qmix(_options, task, placement), barrier: null, threads, seed, placement);
}
