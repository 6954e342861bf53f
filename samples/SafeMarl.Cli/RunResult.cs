using System.Text.Json;
using SafeMarl.ML;

namespace SafeMarl.Cli;

/// <summary>A training run's report after an iteration in which episodes ended.</summary>
/// <param name="Steps">Environment steps so far.</param>
/// <param name="Return">Mean return of the episodes, averaged over the agents.</param>
/// <param name="Cost">Mean cost of the episodes, averaged over the agents and their channels.</param>
/// <param name="Deviation">Mean deviation of the episodes, averaged over the agents; null where the task reports none.</param>
/// <param name="Limit">The limit of the first cost; null for unconstrained algorithms.</param>
internal sealed record RunPoint(double Steps, double Return, double Cost, double? Deviation, double? Limit);

/// <summary>What a run's training took.</summary>
/// <param name="StepsPerSecond">Environment steps a second, updates included: the median over the iterations since the run was begun or resumed.</param>
/// <param name="PeakMemory">The most memory that the process had, in bytes.</param>
internal sealed record RunResources(double StepsPerSecond, long PeakMemory);

/// <summary>What a run has left in its folder so far.</summary>
/// <param name="Description">Algorithm, task and options.</param>
/// <param name="Steps">Environment steps so far.</param>
/// <param name="Points">Its learning curve.</param>
/// <param name="Evaluation">Its evaluation; null before it ended.</param>
/// <param name="Resources">What it took; null before it ended.</param>
internal sealed record RunResult(RunDescription Description, double Steps, IReadOnlyList<RunPoint> Points, SafeMarlMetrics? Evaluation, RunResources? Resources)
{
    public const string MetricsFile = "metrics.jsonl", EvaluationFile = "evaluation.json", ResourcesFile = "resources.json";

    /// <summary>The runs in a folder, which is one run's or holds one folder per seed.</summary>
    /// <exception cref="SafeMarlException">There is none, or a file is damaged.</exception>
    public static IReadOnlyList<RunResult> LoadAll(string folder)
    {
        string[] runs = File.Exists(Path.Combine(folder, RunDescription.FileName)) || !Directory.Exists(folder) ? [folder]
            : [.. Directory.EnumerateDirectories(folder).Where(f => File.Exists(Path.Combine(f, RunDescription.FileName))).Order(StringComparer.Ordinal)];
        return runs.Length > 0 ? [.. runs.Select(Load)] : throw new SafeMarlException($"'{folder}' holds no run.");
    }

    private static RunResult Load(string folder)
    {
        RunDescription description = RunDescription.Load(folder);
        string metrics = Path.Combine(folder, MetricsFile), evaluation = Path.Combine(folder, EvaluationFile), resources = Path.Combine(folder, ResourcesFile);
        try
        {
            (double Steps, RunPoint? Point)[] lines = File.Exists(metrics) ? [.. File.ReadLines(metrics).Select(Parse)] : [];
            return new RunResult(
                description,
                lines.Select(l => l.Steps).LastOrDefault(),
                [.. lines.Select(l => l.Point).OfType<RunPoint>()],
                Read<SafeMarlMetrics>(evaluation), Read<RunResources>(resources));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new SafeMarlException($"The results in '{folder}' cannot be read: {e.Message}", e);
        }
    }

    private static T? Read<T>(string path)
        where T : class => File.Exists(path) ? JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), RunDescription.Json) : null;

    // No point where no episode ended.
    private static (double Steps, RunPoint? Point) Parse(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement root = document.RootElement;
        if (root.GetProperty("return").ValueKind == JsonValueKind.Null)
            return (root.GetProperty("steps").GetDouble(), null);
        double[] costs = [.. root.GetProperty("costs").EnumerateObject().Select(c => c.Value.GetDouble())];
        double[] deviations = root.TryGetProperty("deviations", out JsonElement agents) ? [.. agents.EnumerateObject().Select(d => d.Value.GetDouble())] : [];
        JsonElement limit = root.GetProperty("limits").EnumerateObject().Select(l => l.Value).FirstOrDefault();
        double steps = root.GetProperty("steps").GetDouble();
        return (steps, new RunPoint(
            steps, root.GetProperty("return").GetDouble(), costs.DefaultIfEmpty(0).Average(), deviations.Length > 0 ? deviations.Average() : null, limit.ValueKind == JsonValueKind.Number ? limit.GetDouble() : null));
    }
}
