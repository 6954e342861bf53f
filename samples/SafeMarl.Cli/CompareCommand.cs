using Microsoft.ML;
using SafeMarl.ML;
using SafeMarl.Samples;
using Spectre.Console;

namespace SafeMarl.Cli;

/// <summary>Puts finished or running runs beside each other: learning curves over their seeds, and what their evaluations say.</summary>
internal static class CompareCommand
{
    /// <param name="folders">Folders of runs; each is a curve and a row, whatever number of seeds it holds.</param>
    /// <param name="picture">File of the learning curves.</param>
    public static int Compare(string[] folders, string picture)
    {
        (string Name, IReadOnlyList<RunResult> Runs)[] groups = [.. folders.Select(f => (NameOf(f), RunResult.LoadAll(f)))];
        double? limit = groups.SelectMany(g => g.Runs).SelectMany(r => r.Points).Select(p => p.Limit).FirstOrDefault(l => l is not null);
        string[] tasks = [.. groups.SelectMany(g => g.Runs).Select(r => r.Description.Task).Distinct()];
        bool deviates = groups.Any(Deviates);
        Chart.Write(picture, string.Join(", ", tasks),
        [
            ChartPanel.OverSteps("return of an episode", [.. groups.Select(g => CurveOf(g, p => p.Return))]),
            ChartPanel.OverSteps("cost of an episode", [.. groups.Select(g => CurveOf(g, p => p.Cost))], limit),
            .. deviates ? new[] { ChartPanel.OverSteps("deviation of an episode", [.. groups.Where(Deviates).Select(g => CurveOf(g, p => p.Deviation!.Value))]) } : [],
        ]);
        Show(groups, deviates);
        AnsiConsole.MarkupLine($"learning curves: {Markup.Escape(picture)}");
        return 0;
    }

    private static bool Deviates((string Name, IReadOnlyList<RunResult> Runs) group) => group.Runs.All(r => r.Points.All(p => p.Deviation is not null));

    private static string NameOf(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));

    private static Curve CurveOf((string Name, IReadOnlyList<RunResult> Runs) group, Func<RunPoint, double> value) =>
        SeedCurve.Of(group.Name, group.Runs.Select(r => r.Points.Select(p => (p.Steps, value(p)))));

    private static void Show((string Name, IReadOnlyList<RunResult> Runs)[] groups, bool deviates)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns(["runs", "seeds", "steps", "return", "cost", .. deviates ? new[] { "deviation" } : [], "episodes over the limit"]);
        foreach ((string name, IReadOnlyList<RunResult> runs) in groups)
        {
            SafeMarlMetrics[] metrics = [.. runs.Select(r => r.Evaluation).OfType<SafeMarlMetrics>()];
            double steps = runs.Min(r => r.Steps);
            string[] row =
            [
                name, $"{runs.Count}", $"{steps:N0}", Over(metrics, m => m.Return.Mean), Over(metrics, m => m.Cost.Mean),
                .. deviates ? new[] { Over([.. metrics.Where(m => m.Deviation is not null)], m => m.Deviation!.Mean) } : [],
                metrics.Length == 0 ? "-" : $"{metrics.Sum(m => m.Violations)} of {metrics.Sum(m => m.Episodes)}",
            ];
            table.AddRow([.. row.Select(Markup.Escape)]);
        }
        AnsiConsole.Write(table);
        AnsiConsole.MarkupLine("Interquartile means over the seeds' evaluations, with 95 % bootstrap intervals.");
    }

    private static string Over(SafeMarlMetrics[] metrics, Func<SafeMarlMetrics, double> value)
    {
        if (metrics.Length == 0)
            return "-";
        double[] values = [.. metrics.Select(value)];
        return $"{Statistics.InterquartileMean(values):0.##}" + (values.Length > 1 ? $" {Statistics.InterquartileMeanInterval(values)}" : "");
    }
}
