using Microsoft.ML;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Algorithms.ValueFactorization;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;

namespace SafeMarl.ML;

/// <summary>Fits policies with ResZ: ResQ for quantiles of the return. It knows no constraints; costs are reported all the same.</summary>
public sealed class ReszTrainer : ValueFactorizationTrainer
{
    private readonly ReszOptions _options;

    internal ReszTrainer(MLContext mlContext, ReszOptions options) : this(Copy(options), mlContext) { }

    private ReszTrainer(ReszOptions own, MLContext mlContext) : base(mlContext, AlgorithmNames.Resz, own) => _options = own;

    internal override IAlgorithm<EpisodeDraw> CreateAlgorithm(TaskShape task, int threads, long seed, Placement placement)
    {
        QuantileSettings quantiles = ValueFactorizationSettings.Quantiles(_options, new Distortion(RiskMeasure.Neutral, 0));
        return new Resq(
            task, ValueFactorizationSettings.Team(_options, quantiles), ValueFactorizationSettings.Target(_options),
            random => new Resq.Mixers(
                ValueFactorizationSettings.Attention(_options, task, monotonic: true, ref random, placement),
                new NegatedMixer(ValueFactorizationSettings.Attention(_options, task, monotonic: false, ref random, placement)),
                new CentralMixer(task.Agents.Count, task.StateSize, _options.Quantiles, _options.CentralSize, ref random, placement)),
            threads, seed, placement);
    }
}
