using System.Numerics;

namespace SafeMarl.ML.Returns;

/// <summary>Generalised advantage estimation (Schulman et al. 2016, eq. 16) over a rollout of several environments.</summary>
internal static class Gae
{
    /// <summary>
    /// Advantages and returns of rewards, or of costs just the same:
    /// <c>delta_t = r_t + gamma V'_t - V_t</c>, <c>A_t = delta_t + gamma lambda (1 - ended_t) A_{t+1}</c>, <c>return_t = A_t + V_t</c>.
    /// </summary>
    /// <param name="rewards">Rewards or costs <c>[T, E]</c>.</param>
    /// <param name="values">V of the state before each step <c>[T, E]</c>.</param>
    /// <param name="nextValues">V' of the state after each step <c>[T, E]</c>: 0 after a termination, the value of the episode's own last state after a truncation.</param>
    /// <param name="ended">Whether the step ended its episode, in either way <c>[T, E]</c>.</param>
    /// <param name="environments">E.</param>
    /// <param name="gamma">Discount.</param>
    /// <param name="lambda">Decay of the estimator.</param>
    /// <param name="advantages">Receives the advantages <c>[T, E]</c>.</param>
    /// <param name="returns">Receives the returns <c>[T, E]</c>.</param>
    public static void Compute<T>(
        ReadOnlySpan<T> rewards, ReadOnlySpan<T> values, ReadOnlySpan<T> nextValues, ReadOnlySpan<bool> ended, int environments, T gamma, T lambda,
        Span<T> advantages, Span<T> returns)
        where T : IFloatingPointIeee754<T>
    {
        for (int i = rewards.Length - 1; i >= 0; i--)
        {
            T delta = rewards[i] + gamma * nextValues[i] - values[i];
            bool last = ended[i] || i + environments >= rewards.Length;
            advantages[i] = last ? delta : delta + gamma * lambda * advantages[i + environments];
            returns[i] = advantages[i] + values[i];
        }
    }
}
