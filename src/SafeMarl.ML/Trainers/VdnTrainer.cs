using Microsoft.ML;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Algorithms.ValueFactorization;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;

namespace SafeMarl.ML;

/// <summary>Fits policies with VDN: the team's value is the sum of its agents' values. It knows no constraints; costs are reported all the same.</summary>
public sealed class VdnTrainer : ValueFactorizationTrainer
{
    private readonly VdnOptions _options;

    internal VdnTrainer(MLContext mlContext, VdnOptions options) : this(Copy(options), mlContext) { }

    private VdnTrainer(VdnOptions own, MLContext mlContext) : base(mlContext, AlgorithmNames.Vdn, own) => _options = own;

    internal override IAlgorithm<EpisodeDraw> CreateAlgorithm(TaskShape task, int threads, long seed, Placement placement) =>
        new FactoredQ(task, ValueFactorizationSettings.Team(_options), ValueFactorizationSettings.Target(_options), _ => new Vdn(), barrier: null, threads, seed, placement);
}
