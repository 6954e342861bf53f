namespace SafeMarl.ML.Returns;

/// <summary>
/// Returns of TD(lambda) along episodes of different lengths: <c>R_t = r_t + gamma (1 - terminated_t) ((1 - lambda) Q_{t+1} + lambda R_{t+1})</c>. The recursion
/// begins at an episode's own end with the value there, <c>R_L = Q_L</c>; pymarl2 lets it run through what fills shorter episodes up.
/// </summary>
internal static class TdLambda
{
    /// <summary>The returns of all steps; 0 after the end of an episode.</summary>
    /// <param name="rewards"><c>[T, B]</c></param>
    /// <param name="lengths">Steps of each episode <c>[B]</c>.</param>
    /// <param name="terminated">Whether nothing follows an episode's last step <c>[B]</c>.</param>
    /// <param name="values">Q of what is seen before each step and after the last one, or several quantiles of it, which are taken one by one <c>[T + 1, B, K]</c>.</param>
    /// <param name="gamma">Discount.</param>
    /// <param name="lambda">Weight of what comes later.</param>
    /// <returns><c>[T, B, K]</c></returns>
    public static float[] Returns(ReadOnlySpan<float> rewards, ReadOnlySpan<int> lengths, ReadOnlySpan<bool> terminated, ReadOnlySpan<float> values, double gamma, double lambda)
    {
        int batch = lengths.Length, steps = rewards.Length / batch, quantiles = values.Length / ((steps + 1) * batch);
        var returns = new float[steps * batch * quantiles];
        for (int b = 0; b < batch; b++)
        {
            for (int k = 0; k < quantiles; k++)
            {
                double next = 0; // what the return after a step is, or its value at the end
                for (int t = lengths[b] - 1; t >= 0; t--)
                {
                    double value = values[((t + 1) * batch + b) * quantiles + k];
                    bool last = t == lengths[b] - 1;
                    double after = last ? (terminated[b] ? 0 : value) : (1 - lambda) * value + lambda * next;
                    next = rewards[t * batch + b] + gamma * after;
                    returns[(t * batch + b) * quantiles + k] = (float)next;
                }
            }
        }
        return returns;
    }
}
