using Microsoft.ML;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Algorithms.ValueFactorization;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Trainers;

namespace SafeMarl.ML;

/// <summary>Fits policies with QBF: QMIX that also learns from its newest episodes not to lose agents.</summary>
public sealed class QbfTrainer : ValueFactorizationTrainer
{
    private readonly QbfOptions _options;

    internal QbfTrainer(MLContext mlContext, QbfOptions options) : this(Copy(options), mlContext) { }

    private QbfTrainer(QbfOptions own, MLContext mlContext) : base(mlContext, AlgorithmNames.Qbf, own) => _options = own;

    private protected override string? LossChannel => _options.LossChannel;

    private protected override int NewestEpisodes => _options.Published ? 0 : _options.BarrierEpisodes;

    private protected override IAlgorithm<EpisodeDraw> CreateAlgorithm(TaskShape task, TrainingSetup setup) =>
        new FactoredQ(
            task, ValueFactorizationSettings.Team(_options), ValueFactorizationSettings.Target(_options), ValueFactorizationSettings.Qmix(_options, task, setup.Placement), ValueFactorizationSettings.Barrier(_options, task), setup.Threads, setup.Seed, setup.Placement);
}
