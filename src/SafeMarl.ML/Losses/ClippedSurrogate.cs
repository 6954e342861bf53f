using static TorchSharp.torch;

namespace SafeMarl.ML.Losses;

/// <summary>The clipped surrogate of PPO (Schulman et al. 2017, eq. 7).</summary>
internal static class ClippedSurrogate
{
    /// <summary>Per sample <c>-min(rho A, clip(rho, 1 - c, 1 + c) A)</c>.</summary>
    /// <param name="ratio">rho = new / old probability of the action taken [B]</param>
    /// <param name="advantage">A [B]</param>
    /// <param name="clip">c</param>
    public static Tensor PerSample(Tensor ratio, Tensor advantage, double clip) =>
        -minimum(ratio * advantage, ratio.clamp(1 - clip, 1 + clip) * advantage);
}
