using SafeMarl.Environments;

namespace SafeMarl.ML.Algorithms.ValueFactorization;

/// <summary>Which quantiles of returns are looked at: fractions of every step and episode, common to its agents, ascending, so that TD(lambda) may take quantiles one by one.</summary>
internal static class QuantileFractions
{
    /// <summary>Uniform draws <c>[T + 1, B, K]</c>.</summary>
    public static double[] Drawn(TeamSequences sequences, int count, ref RandomStream random)
    {
        var taus = new double[(sequences.Steps + 1) * sequences.Size * count];
        for (int i = 0; i < taus.Length; i++)
            taus[i] = random.NextDouble();
        for (int first = 0; first < taus.Length; first += count)
            taus.AsSpan(first, count).Sort();
        return taus;
    }

    /// <summary>The middles of K equal parts <c>[T + 1, B, K]</c>.</summary>
    public static double[] Midpoints(TeamSequences sequences, int count)
    {
        double[] middles = Middles(count);
        var taus = new double[(sequences.Steps + 1) * sequences.Size * count];
        for (int first = 0; first < taus.Length; first += count)
            middles.CopyTo(taus, first);
        return taus;
    }

    /// <summary>The middles of K equal parts <c>[K]</c>.</summary>
    public static double[] Middles(int count) => [.. Enumerable.Range(0, count).Select(k => (k + 0.5) / count)];
}
