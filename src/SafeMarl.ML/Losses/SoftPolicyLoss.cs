using static TorchSharp.torch;

namespace SafeMarl.ML.Losses;

/// <summary>Targets and objectives of soft actor-critics (Haarnoja et al. 2018).</summary>
internal static class SoftPolicyLoss
{
    /// <summary>The soft return <c>y = R + gamma^n (Q' - alpha log pi')</c>, nothing following a termination (eq. 5 with n steps).</summary>
    /// <param name="returns">Discounted rewards R of n steps [B]</param>
    /// <param name="discounts">gamma^n, or 0 after a termination [B]</param>
    /// <param name="nextValues">Target value Q' of the next action [B]</param>
    /// <param name="nextLogProbs">log pi' of the next action [B]</param>
    /// <param name="temperature">alpha</param>
    public static Tensor Target(Tensor returns, Tensor discounts, Tensor nextValues, Tensor nextLogProbs, double temperature) =>
        returns + discounts * (nextValues - nextLogProbs * temperature);

    /// <summary>
    /// A scalar that has the gradient of a policy's objective, the objective's part that depends on actions being known by its gradient: the action
    /// times that gradient. It lets the parts of an objective be differentiated by themselves, on several threads.
    /// </summary>
    /// <param name="action">Actions that the policy drew [B, D]</param>
    /// <param name="gradient">Gradient of the objective to them [B, D]</param>
    public static Tensor ByGradient(Tensor action, Tensor gradient) => (action * gradient).sum();
}
