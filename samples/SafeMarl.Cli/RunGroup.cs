using SafeMarl.ML;
using SafeMarl.Samples;

namespace SafeMarl.Cli;

/// <summary>Runs that differ in their seeds alone.</summary>
/// <param name="Name">What pictures and tables call them.</param>
/// <param name="Runs">The runs.</param>
internal sealed record RunGroup(string Name, IReadOnlyList<RunResult> Runs)
{
    /// <summary>The evaluations of those that have ended.</summary>
    public SafeMarlMetrics[] Evaluations { get; } = [.. Runs.Select(r => r.Evaluation).OfType<SafeMarlMetrics>()];

    private bool Deviates => Runs.All(r => r.Points.All(p => p.Deviation is not null));

    /// <summary>Draws the learning curves of several groups: return, cost, and deviation where there is one.</summary>
    /// <param name="path">File of the picture.</param>
    /// <param name="title">Its title.</param>
    /// <param name="groups">A curve each; none where there are no runs.</param>
    /// <param name="limit">The limit of the cost; null: there is none, or not one for all.</param>
    public static void Draw(string path, string title, IEnumerable<RunGroup> groups, double? limit)
    {
        RunGroup[] drawn = [.. groups.Where(g => g.Runs.Count > 0)], deviating = [.. drawn.Where(g => g.Deviates)];
        Chart.Write(path, title,
        [
            ChartPanel.OverSteps("return of an episode", [.. drawn.Select(g => g.Curve(p => p.Return))]),
            ChartPanel.OverSteps("cost of an episode", [.. drawn.Select(g => g.Curve(p => p.Cost))], limit),
            .. deviating.Length > 0 ? new[] { ChartPanel.OverSteps("deviation of an episode", [.. deviating.Select(g => g.Curve(p => p.Deviation!.Value))]) } : [],
        ]);
    }

    /// <summary>The interquartile mean of what evaluations say, with its 95 % bootstrap interval where there are several; '-' where none says anything.</summary>
    public string OverSeeds(Func<SafeMarlMetrics, Estimate?> value)
    {
        double[] values = [.. Evaluations.Select(value).OfType<Estimate>().Select(e => e.Mean)];
        return values.Length == 0 ? "-"
            : FormattableString.Invariant($"{Statistics.InterquartileMean(values):0.##}") + (values.Length > 1 ? $" {Statistics.InterquartileMeanInterval(values)}" : "");
    }

    private Curve Curve(Func<RunPoint, double> value) => SeedCurve.Of(Name, Runs.Select(r => r.Points.Select(p => (p.Steps, value(p)))));
}
