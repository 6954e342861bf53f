using static TorchSharp.torch;

namespace SafeMarl.ML.Losses;

/// <summary>Means over the samples that count.</summary>
internal static class WeightedMean
{
    /// <summary>The mean of <paramref name="values"/> [B], weighted by <paramref name="weights"/> [B] if there are any; weight 0 leaves a sample out.</summary>
    public static Tensor Of(Tensor values, Tensor? weights) => weights is null ? values.mean() : (values * weights).sum() / weights.sum();
}
