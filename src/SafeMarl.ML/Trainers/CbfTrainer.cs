using Microsoft.ML;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Algorithms.ValueFactorization;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;

namespace SafeMarl.ML;

/// <summary>Fits policies with DMIX and a control barrier function: a network of its own rejects actions after which agents tend to be lost, when the policy acts.</summary>
public sealed class CbfTrainer : ValueFactorizationTrainer
{
    private readonly CbfOptions _options;

    internal CbfTrainer(MLContext mlContext, CbfOptions options) : this(Copy(options), mlContext) { }

    private CbfTrainer(CbfOptions own, MLContext mlContext) : base(mlContext, AlgorithmNames.Cbf, own) => _options = own;

    private protected override string? LossChannel => _options.LossChannel;

    private protected override bool LossesAreIndividual => true;

    internal override IAlgorithm<EpisodeDraw> CreateAlgorithm(TaskShape task, int threads, long seed, Placement placement)
    {
        QuantileSettings quantiles = ValueFactorizationSettings.Quantiles(_options, _options.ActingQuantiles);
        return new FactoredQ(
            task, ValueFactorizationSettings.Team(_options, quantiles) with { Barrier = new ActionBarrier(_options.BarrierDecay) }, ValueFactorizationSettings.Target(_options),
            ValueFactorizationSettings.Mixer(_options, task, placement), barrier: null, threads, seed, placement,
            new ActionBarrierLoss(task, new ActionBarrierSettings(_options.DangerSteps, _options.BarrierDecay, _options.BarrierMargin, _options.LossChannel)));
    }
}
