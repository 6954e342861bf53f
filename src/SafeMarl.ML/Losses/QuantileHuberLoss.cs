using static TorchSharp.torch;

namespace SafeMarl.ML.Losses;

/// <summary>
/// The loss of quantiles against samples of a target (Dabney et al. 2018): <c>sum_i mean_j |tau_i - 1[u_ij &lt;= 0]| huber_1(u_ij)</c> with
/// <c>u_ij = y_j - z_i</c>, and <c>huber_1(u) = u^2 / 2</c> within 1, <c>|u| - 1/2</c> beyond.
/// </summary>
internal static class QuantileHuberLoss
{
    /// <summary>One loss for each row.</summary>
    /// <param name="quantiles">z [M, K].</param>
    /// <param name="taus">Their fractions [M, K].</param>
    /// <param name="targets">y [M, K'].</param>
    /// <returns>[M]</returns>
    public static Tensor Of(Tensor quantiles, Tensor taus, Tensor targets)
    {
        Tensor error = targets.unsqueeze(1) - quantiles.unsqueeze(2); // [M, K, K']
        Tensor size = error.abs();
        Tensor within = size.clamp(0, 1);
        Tensor huber = within * (size - 0.5 * within);
        Tensor weight = (taus.unsqueeze(2) - error.le(0).to(error.dtype)).abs();
        return (weight * huber).mean([2]).sum([1]);
    }
}
