using Microsoft.ML;
using SafeMarl.ML;
using Spectre.Console;

namespace SafeMarl.Cli;

/// <summary>Puts finished or running runs beside each other: learning curves over their seeds, and what their evaluations say.</summary>
internal static class CompareCommand
{
    /// <param name="folders">Folders of runs; each is a curve and a row, whatever number of seeds it holds.</param>
    /// <param name="picture">File of the learning curves.</param>
    public static int Compare(string[] folders, string picture)
    {
        RunGroup[] groups = [.. folders.Select(f => new RunGroup(NameOf(f), RunResult.LoadAll(f)))];
        double? limit = groups.SelectMany(g => g.Runs).SelectMany(r => r.Points).Select(p => p.Limit).FirstOrDefault(l => l is not null);
        RunGroup.Draw(picture, string.Join(", ", groups.SelectMany(g => g.Runs).Select(r => r.Description.Task).Distinct()), groups, limit);
        Show(groups);
        AnsiConsole.MarkupLine($"learning curves: {Markup.Escape(picture)}");
        return 0;
    }

    private static string NameOf(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));

    private static void Show(RunGroup[] groups)
    {
        bool deviates = groups.SelectMany(g => g.Runs).Any(r => r.Points.Any(p => p.Deviation is not null));
        var table = new Table().Border(TableBorder.Rounded).AddColumns(["runs", "seeds", "steps", "return", "cost", .. deviates ? new[] { "deviation" } : [], "episodes over the limit"]);
        foreach (RunGroup group in groups)
        {
            SafeMarlMetrics[] metrics = group.Evaluations;
            string[] row =
            [
                group.Name, $"{group.Runs.Count}", $"{group.Runs.Min(r => r.Steps):N0}", group.OverSeeds(m => m.Return), group.OverSeeds(m => m.Cost),
                .. deviates ? new[] { group.OverSeeds(m => m.Deviation) } : [],
                metrics.Length == 0 ? "-" : $"{metrics.Sum(m => m.Violations)} of {metrics.Sum(m => m.Episodes)}",
            ];
            table.AddRow([.. row.Select(Markup.Escape)]);
        }
        AnsiConsole.Write(table);
        AnsiConsole.MarkupLine("Interquartile means over the seeds' evaluations, with 95 % bootstrap intervals.");
    }
}
