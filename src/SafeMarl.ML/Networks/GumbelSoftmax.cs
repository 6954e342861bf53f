using static TorchSharp.torch;

namespace SafeMarl.ML.Networks;

/// <summary>
/// Draws of alternatives as one-hot vectors that a gradient flows through: forward they are hard, backward they are the softmax of the
/// perturbed logits (Jang et al. 2017, straight-through, temperature 1).
/// </summary>
internal static class GumbelSoftmax
{
    /// <summary>One-hot actions and the log-probability of what they choose.</summary>
    /// <param name="logits">[B, n]</param>
    /// <param name="noise">Standard Gumbel [B, n].</param>
    /// <param name="masks">[B, n], 1 where available; null when nothing is masked.</param>
    /// <returns>Actions [B, n] and log-probabilities [B].</returns>
    public static (Tensor Action, Tensor LogProb) Sample(Tensor logits, Tensor noise, Tensor? masks)
    {
        Tensor logProbs = Available(logits, masks).log_softmax(1); // [B, n]
        Tensor soft = (logProbs + noise).softmax(1); // [B, n]
        Tensor action = (OneHot(soft) - soft).detach() + soft;
        return (action, (action * logProbs).sum(1));
    }

    /// <summary>The likeliest alternatives as one-hot vectors [B, n]; no gradient flows through them.</summary>
    public static Tensor Likeliest(Tensor logits, Tensor? masks) => OneHot(Available(logits, masks).detach());

    private static Tensor Available(Tensor logits, Tensor? masks) => masks is null ? logits : logits.masked_fill(masks.eq(0), -1e10);

    private static Tensor OneHot(Tensor scores) =>
        scores.argmax(1, keepdim: true).eq(arange(scores.shape[1], dtype: ScalarType.Int64, device: scores.device)).to(scores.dtype);
}
