namespace SafeMarl.ML.Losses;

/// <summary>
/// How much each step of an episode has done to lose agents (DBF, eqs. 4 and 5): with the barrier <c>B_t = lost at t + gamma_B B_{t+1}</c> of the states,
/// <c>h_t = max(B_{t+1} - (1 - lambda_B) B_t, 0)</c>. Only new losses count, as the sum of all so far would accuse every step after the first one.
/// </summary>
internal static class BarrierHinge
{
    /// <summary>The hinges of the steps of an episode.</summary>
    /// <param name="lost">Agents newly lost in each state, from the first to the last <c>[L + 1]</c>.</param>
    /// <param name="discount">gamma_B.</param>
    /// <param name="decay">lambda_B.</param>
    /// <param name="hinges">Receives <c>[L]</c>.</param>
    public static void Of(ReadOnlySpan<float> lost, double discount, double decay, Span<float> hinges)
    {
        double next = lost[^1];
        for (int t = hinges.Length - 1; t >= 0; t--)
        {
            double barrier = lost[t] + discount * next;
            hinges[t] = (float)Math.Max(next - (1 - decay) * barrier, 0);
            next = barrier;
        }
    }
}
