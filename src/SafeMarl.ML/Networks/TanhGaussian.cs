using SafeMarl.ML.Policies;
using static TorchSharp.torch;

namespace SafeMarl.ML.Networks;

/// <summary>
/// Gaussians whose draws are squashed by tanh into (-1, 1) (Haarnoja et al. 2018, appendix C); mean and standard deviation depend on the
/// observation. Actions and log-densities are those in the box [-1, 1], whatever the agent's own bounds.
/// </summary>
internal static class TanhGaussian
{
    /// <summary>Actions that the gradient flows through, and their log-density.</summary>
    /// <param name="outputs">Means, then logarithms of standard deviations [B, 2 D].</param>
    /// <param name="noise">Standard normal [B, D].</param>
    /// <returns>Actions [B, D] and log-densities, summed over dimensions [B].</returns>
    public static (Tensor Action, Tensor LogProb) Sample(Tensor outputs, Tensor noise)
    {
        long size = noise.shape[1];
        Tensor logStd = outputs.narrow(1, size, size).clamp(ActionSampling.MinLogStd, ActionSampling.MaxLogStd); // [B, D]
        Tensor z = outputs.narrow(1, 0, size) + logStd.exp() * noise; // [B, D]
        Tensor gaussian = noise.square() * -0.5 - logStd - 0.5 * Math.Log(2 * Math.PI);
        // log(1 - tanh(z)^2) without cancellation.
        Tensor squash = (Math.Log(2) - z - nn.functional.softplus(z * -2)) * 2;
        return (z.tanh(), (gaussian - squash).sum(1));
    }

    /// <summary>The squashed means [B, D].</summary>
    public static Tensor Mean(Tensor outputs) => outputs.narrow(1, 0, outputs.shape[1] / 2).tanh();
}
