using Microsoft.ML;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Algorithms.ValueFactorization;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;

namespace SafeMarl.ML;

/// <summary>Fits policies with DMIX, DDN or DPLEX: the distribution of the team's return is mixed from its agents' distributions. They know no constraints; costs are reported all the same.</summary>
public sealed class DmixTrainer : ValueFactorizationTrainer
{
    private readonly DmixOptions _options;

    internal DmixTrainer(MLContext mlContext, DmixOptions options) : this(Copy(options), mlContext) { }

    private DmixTrainer(DmixOptions own, MLContext mlContext) : base(mlContext, AlgorithmNames.Dmix, own) => _options = own;

    internal override IAlgorithm<EpisodeDraw> CreateAlgorithm(TaskShape task, int threads, long seed, Placement placement) =>
        new FactoredQ(
            task, ValueFactorizationSettings.Team(_options, ValueFactorizationSettings.Quantiles(_options, _options.ActingQuantiles)),
            ValueFactorizationSettings.Target(_options),
            ValueFactorizationSettings.Mixer(_options, task, placement), barrier: null, threads, seed, placement);
}
