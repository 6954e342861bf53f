using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using SafeMarl.ML;
using SafeMarl.Samples;

namespace SafeMarl.Cli;

/// <summary>What a benchmark found, as Markdown with learning curves (SVG) beside it: a picture and a table for each task.</summary>
internal static class BenchmarkReport
{
    public const string FileName = "report.md";

    /// <summary>Writes the report of what is finished so far.</summary>
    /// <returns>Its file.</returns>
    public static string Write(BenchmarkPlan plan, string planFile, IReadOnlyList<BenchmarkCell> cells, BenchmarkSettings settings)
    {
        Directory.CreateDirectory(settings.Report);
        var text = new StringBuilder();
        text.AppendLine($"# {plan.Name}\n");
        text.AppendLine(
            $"Made by `safemarl benchmark {Path.GetFileName(planFile)}` ({typeof(SafeMarlMetrics).Assembly.GetName().Version?.ToString(3)}, .NET {Environment.Version}) on {Environment.ProcessorCount} cores of {Processor()}, {settings.Parallel} runs side by side: " +
            $"seeds {string.Join(", ", plan.Seeds)}; {plan.Episodes} fresh episodes for each, {(plan.Sampled ? "drawn" : "likeliest")} actions{(plan.Exploration > 0 ? Invariant($", {100 * plan.Exploration:0.#} % of them random") : "")}.\n");
        foreach (IGrouping<string, BenchmarkCell> task in cells.GroupBy(c => c.Task))
        {
            RunGroup[] groups = [.. task.GroupBy(c => c.Algorithm).Select(g => new RunGroup(g.Key, [.. g.Select(c => BenchmarkCommand.FinishedResult(c, settings.Output)).OfType<RunResult>()]))];
            text.AppendLine($"## {task.Key}\n");
            if (groups.All(g => g.Runs.Count == 0))
            {
                text.AppendLine("No run is finished.\n");
                continue;
            }
            string picture = $"{task.Key}.svg";
            RunGroup.Draw(Path.Combine(settings.Report, picture), task.Key, groups, LimitOf(groups));
            text.AppendLine($"![Learning curves on {task.Key}]({Uri.EscapeDataString(picture)})\n");
            Table(text, groups, plan.Seeds.Count);
        }
        text.AppendLine(
            "Curves: the median over the seeds of training episodes, and the band between their quartiles. Return and cost: the interquartile mean over the seeds' evaluations with its 95 % bootstrap interval; an episode's cost is an agent's, summed over its channels and averaged over the agents. " +
            "Seeds within the limits: those whose mean costs are, of every agent and channel. Episodes within: the share in which every cost was, with its 95 % Clopper-Pearson interval over the episodes of all seeds. Steps a second: the median over each run's iterations, updates included, and over the seeds; memory: the largest peak of a run's process.");
        string file = Path.Combine(settings.Report, FileName);
        File.WriteAllText(file, text.ToString());
        return file;
    }

    // The limit that all algorithms have in common.
    private static double? LimitOf(RunGroup[] groups) =>
        groups.SelectMany(g => g.Evaluations).SelectMany(m => m.Agents).SelectMany(a => a.Costs).Select(c => c.Limit).Distinct().ToArray() is [double limit] ? limit : null;

    private static void Table(StringBuilder text, RunGroup[] groups, int seeds)
    {
        bool hasGoal = groups.SelectMany(g => g.Evaluations).Any(m => m.SuccessRate is not null), deviates = groups.SelectMany(g => g.Evaluations).Any(m => m.Deviation is not null);
        string[] columns = ["", "seeds", "steps", "return", .. hasGoal ? new[] { "success rate" } : [], .. deviates ? new[] { "deviation" } : [], "cost", "limit", "seeds within", "episodes within", "steps/s", "memory"];
        text.AppendLine($"| {string.Join(" | ", columns)} |");
        text.AppendLine($"|{string.Concat(columns.Select(_ => "---|"))}");
        foreach (RunGroup group in groups)
        {
            SafeMarlMetrics[] evaluations = group.Evaluations;
            if (evaluations.Length == 0)
            {
                text.AppendLine($"| {group.Name} | 0 of {seeds} |{string.Concat(columns.Skip(2).Select(_ => " |"))}");
                continue;
            }
            string[] row =
            [
                group.Name, evaluations.Length == seeds ? $"{seeds}" : $"{evaluations.Length} of {seeds}", Whole(group.Runs.Min(r => r.Steps)),
                group.OverSeeds(m => m.Return),
                .. hasGoal ? new[] { group.OverSeeds(m => m.SuccessRate) } : [],
                .. deviates ? new[] { group.OverSeeds(m => m.Deviation) } : [],
                group.OverSeeds(m => m.Cost), Limits(evaluations[0]), $"{evaluations.Count(IsWithin)} of {evaluations.Length}", EpisodesWithin(evaluations),
                Resource(group, r => r.StepsPerSecond, values => Whole(SeedCurve.Median(values))), Resource(group, r => r.PeakMemory / 1048576.0, values => $"{Whole(values.Max())} MiB"),
            ];
            text.AppendLine($"| {string.Join(" | ", row)} |");
        }
        text.AppendLine();
    }

    private static string Limits(SafeMarlMetrics metrics)
    {
        (string Channel, double Limit)[] limits = [.. metrics.Agents.SelectMany(a => a.Costs).Select(c => (c.Channel, c.Limit)).Distinct()];
        return limits is [(_, double only)] ? Invariant($"{only:0.##}") : string.Join(", ", limits.Select(l => Invariant($"{l.Channel} {l.Limit:0.##}")));
    }

    private static bool IsWithin(SafeMarlMetrics metrics) => metrics.Agents.SelectMany(a => a.Costs).All(c => c.EpisodeCost.Mean <= c.Limit);

    private static string EpisodesWithin(SafeMarlMetrics[] evaluations)
    {
        int episodes = evaluations.Sum(m => m.Episodes), within = episodes - evaluations.Sum(m => m.Violations);
        Interval interval = Statistics.RateInterval(within, episodes);
        return Invariant($"{100.0 * within / episodes:0.#} % [{100 * interval.Low:0.#}, {100 * interval.High:0.#}]");
    }

    private static string Resource(RunGroup group, Func<RunResources, double> value, Func<double[], string> show)
    {
        double[] values = [.. group.Runs.Select(r => r.Resources).OfType<RunResources>().Select(value)];
        return values.Length > 0 ? show(values) : "-";
    }

    private static string Processor()
    {
        const string Field = "model name";
        string? line = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith(Field, StringComparison.Ordinal)) : null;
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':') + 1)..].Trim();
    }

    private static string Whole(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
