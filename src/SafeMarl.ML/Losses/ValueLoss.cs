using static TorchSharp.torch;

namespace SafeMarl.ML.Losses;

/// <summary>Losses of critics, in the units of the critic's output.</summary>
internal static class ValueLoss
{
    /// <summary>Mean squared error, without a factor 1/2.</summary>
    public static Tensor SquaredError(Tensor values, Tensor targets) => nn.functional.mse_loss(values, targets);

    /// <summary>
    /// The larger, per sample, of the Huber losses of the value and of the value kept within <paramref name="clip"/> of its old one, as MAPPO
    /// has it. MACPO and SafePO test the error's sign instead of its size and lose the gradient of errors below -delta; this does not.
    /// </summary>
    /// <param name="values">Values [B]</param>
    /// <param name="oldValues">Values when the data were collected [B]</param>
    /// <param name="targets">Normalised returns [B]</param>
    /// <param name="clip">How far a value may move from its old one before its gradient ends.</param>
    /// <param name="delta">Size of the error beyond which the loss is linear.</param>
    public static Tensor ClippedHuber(Tensor values, Tensor oldValues, Tensor targets, double clip, double delta)
    {
        Tensor clipped = oldValues + (values - oldValues).clamp(-clip, clip);
        return maximum(Huber(values, targets, delta), Huber(clipped, targets, delta)).mean();
    }

    /// <summary>
    /// The same as MACPO's and SafePO's code has it: errors below -delta count nothing, and the value and the clipped value are compared with
    /// targets normalised by different statistics.
    /// </summary>
    /// <param name="values">Values [B]</param>
    /// <param name="oldValues">Values when the data were collected [B]</param>
    /// <param name="clippedTargets">Normalised returns that the clipped value is compared with [B]</param>
    /// <param name="targets">Normalised returns that the value is compared with [B]</param>
    /// <param name="clip">How far a value may move from its old one before its gradient ends.</param>
    /// <param name="delta">Size of a positive error beyond which the loss is linear.</param>
    /// <param name="weights">0 leaves a sample out [B], or null.</param>
    public static Tensor PublishedClippedHuber(
        Tensor values, Tensor oldValues, Tensor clippedTargets, Tensor targets, double clip, double delta, Tensor? weights = null)
    {
        Tensor clipped = oldValues + (values - oldValues).clamp(-clip, clip);
        return WeightedMean.Of(maximum(OneSided(values, targets, delta), OneSided(clipped, clippedTargets, delta)), weights);
    }

    private static Tensor OneSided(Tensor values, Tensor targets, double delta)
    {
        Tensor counts = (targets - values).detach().ge(-delta).to(values.dtype);
        return Huber(values, targets, delta) * counts;
    }

    private static Tensor Huber(Tensor values, Tensor targets, double delta) =>
        nn.functional.huber_loss(values, targets, delta: delta, reduction: nn.Reduction.None);
}
