namespace SafeMarl.Samples;

/// <summary>One curve from runs with several seeds: the median over the seeds and the band between their quartiles.</summary>
internal static class SeedCurve
{
    private const int MaxPoints = 200;

    public static Curve Of(string name, IEnumerable<IEnumerable<(double Steps, double Value)>> runs)
    {
        (double Steps, double Value)[][] series = [.. runs.Select(r => r.ToArray()).Where(r => r.Length > 0)];
        if (series.Length == 0)
            return new Curve(name, []);
        double end = series.Min(s => s[^1].Steps);
        double[] grid = [.. series[0].Select(p => p.Steps).Where(s => s <= end)];
        grid = [.. grid.Where((_, i) => i % Math.Max(1, grid.Length / MaxPoints) == 0)];
        return new Curve(name, [.. grid.Select(steps =>
        {
            double[] values = [.. series.Select(s => At(s, steps)).Order()];
            return new CurvePoint(steps, Quantile(values, 0.5), Quantile(values, 0.25), Quantile(values, 0.75));
        })]);
    }

    /// <summary>The median.</summary>
    public static double Median(IEnumerable<double> values) => Quantile([.. values.Order()], 0.5);

    // The mean of the last few reports before a number of steps, so that a curve of single rollouts can be read.
    private static double At((double Steps, double Value)[] series, double steps)
    {
        int last = Array.FindLastIndex(series, p => p.Steps <= steps);
        return series[Math.Max(0, last - Math.Max(0, series.Length / MaxPoints))..(Math.Max(0, last) + 1)].Average(p => p.Value);
    }

    private static double Quantile(double[] sorted, double q)
    {
        double position = q * (sorted.Length - 1);
        int below = (int)position;
        return below + 1 < sorted.Length ? sorted[below] + (position - below) * (sorted[below + 1] - sorted[below]) : sorted[below];
    }
}
