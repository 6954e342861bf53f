using Microsoft.ML;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Algorithms.ValueFactorization;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Trainers;

namespace SafeMarl.ML;

/// <summary>Fits policies with QMIX: the team's value rises with each of its agents' values. It knows no constraints; costs are reported all the same.</summary>
public sealed class QmixTrainer : ValueFactorizationTrainer
{
    private readonly QmixOptions _options;

    internal QmixTrainer(MLContext mlContext, QmixOptions options) : this(Copy(options), mlContext) { }

    private QmixTrainer(QmixOptions own, MLContext mlContext) : base(mlContext, AlgorithmNames.Qmix, own) => _options = own;

    private protected override IAlgorithm<EpisodeDraw> CreateAlgorithm(TaskShape task, TrainingSetup setup) =>
        new FactoredQ(task, ValueFactorizationSettings.Team(_options), ValueFactorizationSettings.Target(_options), ValueFactorizationSettings.Qmix(_options, task, setup.Placement), barrier: null, setup.Threads, setup.Seed, setup.Placement);
}
