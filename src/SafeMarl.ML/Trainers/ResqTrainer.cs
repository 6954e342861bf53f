using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Algorithms.ValueFactorization;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;

namespace SafeMarl.ML;

/// <summary>Fits policies with ResQ: a monotonic joint value with a residual where actions are not the best, so that any value can be told. It knows no constraints; costs are reported all the same.</summary>
public sealed class ResqTrainer : ValueFactorizationTrainer
{
    private readonly ResqOptions _options;

    internal ResqTrainer(MLContext mlContext, ResqOptions options) : this(Copy(options), mlContext) { }

    private ResqTrainer(ResqOptions own, MLContext mlContext) : base(mlContext, AlgorithmNames.Resq, own) => _options = own;

    internal override IAlgorithm<EpisodeDraw> CreateAlgorithm(TaskShape task, int threads, long seed, Placement placement) =>
        new Resq(task, ValueFactorizationSettings.Team(_options), ValueFactorizationSettings.Target(_options), random => Mixers(task, random, placement), threads, seed, placement);

    private Resq.Mixers Mixers(TaskShape task, RandomStream random, Placement placement)
    {
        var residual = new CentralMixer(task.Agents.Count, task.StateSize, quantiles: null, _options.CentralSize, ref random, placement);
        var central = new CentralMixer(task.Agents.Count, task.StateSize, quantiles: null, _options.CentralSize, ref random, placement);
        return new Resq.Mixers(ValueFactorizationSettings.Qmix(_options, task, placement)(random), new NegatedMixer(residual), central);
    }
}
