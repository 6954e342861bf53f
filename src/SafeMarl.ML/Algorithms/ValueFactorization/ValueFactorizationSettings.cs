using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;

namespace SafeMarl.ML.Algorithms.ValueFactorization;

/// <summary>Settings of parts from the options that algorithms have.</summary>
internal static class ValueFactorizationSettings
{
    public static TeamSettings Team(ValueFactorizationOptions options, QuantileSettings? quantiles = null, ReturnFeedback? feedback = null) => new(
        options.HiddenSize, options.LearningRate, options.AdamEpsilon, options.MaxGradientNorm, options.TargetInterval, quantiles, feedback);

    public static QuantileSettings Quantiles(DistributionalOptions options, int acting) => new(options.Quantiles, options.TargetQuantiles, acting, options.EmbeddingSize);

    public static QuantileSettings Quantiles(AttentionOptions options, Distortion risk) => new(options.Quantiles, options.Quantiles, options.Quantiles, options.EmbeddingSize, risk);

    public static TargetSettings Target(ValueFactorizationOptions options) => new(options.Gamma, options.TdLambda, options.DoubleQ);

    public static Func<RandomStream, Mixer> Qmix(IMonotonicMixingOptions options, TaskShape task, Placement placement) => random =>
        new Qmix(task.Agents.Count, task.StateSize, options.MixingSize, options.HypernetLayers, options.HypernetSize, ref random, placement);

    public static Func<RandomStream, Mixer> Qplex(IDuplexMixingOptions options, TaskShape task, Placement placement) => random =>
    {
        Qplex.IValueTransform transform = options.UnitStateSize is { } unit
            ? new Qatten(task.Agents.Count, task.StateSize, unit, options.AttentionHeads, options.AttentionSize, options.HypernetSize, ref random, placement)
            : new Qplex.Transform(task.Agents.Count, task.StateSize, options.HypernetSize, ref random, placement);
        return new Qplex(
            transform, task.Agents.Count, task.StateSize, task.Agents[0].ActionSpace.Count, options.Kernels, options.AdvantageLayers, options.AdvantageSize, ref random, placement);
    };

    public static Func<RandomStream, Mixer> Mixer(IDistributionalOptions options, TaskShape task, Placement placement) => options.Mixing switch
    {
        MeanMixing.Sum => _ => new Vdn(),
        MeanMixing.Qmix => Qmix(options, task, placement),
        _ => Qplex(options, task, placement),
    };

    public static AttentionMixer Attention(IAttentionMixingOptions options, TaskShape task, bool monotonic, ref RandomStream random, Placement placement)
    {
        int unit = options.UnitStateSize ?? task.StateSize / task.Agents.Count;
        var sizes = new AttentionMixer.Sizes(unit, options.AttentionHeads, options.AttentionSize, options.HypernetSize, options.HypernetSize, options.ShiftSize);
        return new AttentionMixer(task.Agents.Count, task.StateSize, sizes, monotonic, ref random, placement);
    }

    public static BarrierLoss? Barrier(IBarrierOptions options, TaskShape task) => options.Published ? null : new BarrierLoss(task, new BarrierSettings(
        options.BarrierDiscount, options.BarrierDecay, options.LossThreshold ?? task.Agents.Count - 1, options.BarrierTemperature, options.UseBarrierBaseline, options.LossChannel));
}
