using Microsoft.ML;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Algorithms.ValueFactorization;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;

namespace SafeMarl.ML;

/// <summary>Fits policies with QTRAN: a free joint value, which the agents' values are drawn to. It knows no constraints; costs are reported all the same.</summary>
public sealed class QtranTrainer : ValueFactorizationTrainer
{
    private readonly QtranOptions _options;

    internal QtranTrainer(MLContext mlContext, QtranOptions options) : this(Copy(options), mlContext) { }

    private QtranTrainer(QtranOptions own, MLContext mlContext) : base(mlContext, AlgorithmNames.Qtran, own) => _options = own;

    internal override IAlgorithm<EpisodeDraw> CreateAlgorithm(TaskShape task, int threads, long seed, Placement placement) =>
        new Qtran(
            task, ValueFactorizationSettings.Team(_options), ValueFactorizationSettings.Target(_options), _options.JointSize, _options.OptimalWeight, _options.OtherWeight, threads, seed, placement);
}
