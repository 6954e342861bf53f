using SafeMarl.Environments;

namespace SafeMarl.ML;

/// <summary>Estimates with their uncertainty, as evaluations report them.</summary>
public static class Statistics
{
    private const int BootstrapSamples = 2000;

    /// <summary>
    /// One-sided Clopper-Pearson bound: the smallest rate for which seeing at most this many violations has probability at most
    /// <c>1 - confidence</c>, that is <c>BetaInv(confidence; k + 1, n - k)</c>. The true rate lies below it with that confidence.
    /// </summary>
    /// <param name="violations">Episodes that violated, k, from 0 to <paramref name="episodes"/>.</param>
    /// <param name="episodes">Fresh, independent episodes, n, at least 1.</param>
    /// <param name="confidence">Between 0 and 1, such as 0.95.</param>
    public static double ViolationRateUpperBound(int violations, int episodes, double confidence = 0.95)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(episodes);
        ArgumentOutOfRangeException.ThrowIfNegative(violations);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(violations, episodes);
        ThrowIfNoConfidence(confidence);
        return ScenarioBounds.BinomialTail(violations, episodes, 1 - confidence);
    }

    /// <summary>Two-sided Clopper-Pearson interval of a rate: either bound is one-sided with half of what the confidence leaves.</summary>
    /// <param name="count">Episodes in which it happened, from 0 to <paramref name="episodes"/>.</param>
    /// <param name="episodes">Fresh, independent episodes, at least 1.</param>
    /// <param name="confidence">Between 0 and 1, such as 0.95.</param>
    public static Interval RateInterval(int count, int episodes, double confidence = 0.95)
    {
        ThrowIfNoConfidence(confidence);
        double oneSided = 1 - (1 - confidence) / 2;
        return new Interval(1 - ViolationRateUpperBound(episodes - count, episodes, oneSided), ViolationRateUpperBound(count, episodes, oneSided));
    }

    /// <summary>Percentile bootstrap interval of the mean (2,000 resamples with a fixed seed, so that the same values give the same interval).</summary>
    public static Interval MeanInterval(IReadOnlyList<double> values, double confidence = 0.95) => Bootstrap(values, confidence, Mean);

    /// <summary>Percentile bootstrap interval of the interquartile mean.</summary>
    public static Interval InterquartileMeanInterval(IReadOnlyList<double> values, double confidence = 0.95) => Bootstrap(values, confidence, InterquartileMean);

    /// <summary>The mean of the middle half of the values, which one lucky or failed seed cannot move far. The quarter cut off at each end may fall inside a value, which then counts in part.</summary>
    public static double InterquartileMean(IReadOnlyList<double> values)
    {
        ThrowIfEmpty(values);
        double[] sorted = [.. values.Order()];
        double cut = sorted.Length / 4.0, sum = 0;
        for (int i = 0; i < sorted.Length; i++)
            sum += sorted[i] * Math.Max(0, Math.Min(i + 1, sorted.Length - cut) - Math.Max(i, cut));
        return sum / (sorted.Length - 2 * cut);
    }

    private static double Mean(IReadOnlyList<double> values)
    {
        double sum = 0;
        for (int i = 0; i < values.Count; i++)
            sum += values[i];
        return sum / values.Count;
    }

    private static Interval Bootstrap(IReadOnlyList<double> values, double confidence, Func<IReadOnlyList<double>, double> statistic)
    {
        ThrowIfEmpty(values);
        ThrowIfNoConfidence(confidence);
        var random = new RandomStream(values.Count);
        var sample = new double[values.Count];
        var results = new double[BootstrapSamples];
        for (int b = 0; b < BootstrapSamples; b++)
        {
            for (int i = 0; i < sample.Length; i++)
                sample[i] = values[random.NextInt(sample.Length)];
            results[b] = statistic(sample);
        }
        Array.Sort(results);
        double tail = (1 - confidence) / 2;
        return new Interval(Quantile(results, tail), Quantile(results, 1 - tail));
    }

    private static double Quantile(double[] sorted, double q)
    {
        double position = q * (sorted.Length - 1);
        int below = (int)position;
        return below + 1 < sorted.Length ? sorted[below] + (position - below) * (sorted[below + 1] - sorted[below]) : sorted[below];
    }

    private static void ThrowIfEmpty(IReadOnlyList<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == 0)
            throw new ArgumentException("There are no values.", nameof(values));
    }

    internal static void ThrowIfNoConfidence(double confidence)
    {
        if (!(confidence > 0 && confidence < 1))
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "A confidence lies between 0 and 1, such as 0.95.");
    }
}
