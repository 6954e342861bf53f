using Microsoft.ML;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Algorithms.ValueFactorization;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;

namespace SafeMarl.ML;

/// <summary>Fits policies with QBF: QMIX that also learns from its newest episodes not to lose agents.</summary>
public sealed class QbfTrainer : ValueFactorizationTrainer
{
    private readonly QbfOptions _options;

    internal QbfTrainer(MLContext mlContext, QbfOptions options) : this(Copy(options), mlContext) { }

    private QbfTrainer(QbfOptions own, MLContext mlContext) : base(mlContext, AlgorithmNames.Qbf, own) => _options = own;

    private protected override string? LossChannel => _options.LossChannel;

    private protected override int NewestEpisodes => _options.Published ? 0 : _options.BarrierEpisodes;

    internal override IAlgorithm<EpisodeDraw> CreateAlgorithm(TaskShape task, int threads, long seed, Placement placement) =>
        new FactoredQ(
            task, ValueFactorizationSettings.Team(_options), ValueFactorizationSettings.Target(_options), ValueFactorizationSettings.Qmix(_options, task, placement), ValueFactorizationSettings.Barrier(_options, task), threads, seed, placement);
}
