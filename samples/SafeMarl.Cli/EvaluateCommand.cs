using System.Text.Json;
using Microsoft.ML;
using SafeMarl.ML;
using Spectre.Console;

namespace SafeMarl.Cli;

/// <summary>Evaluates a run folder, an ML.NET model or a policy file on fresh episodes.</summary>
internal static class EvaluateCommand
{
    public static int Evaluate(string path, string? task, string[] taskSet, string[] limits, EvaluationOptions options, string? json)
    {
        var mlContext = new MLContext();
        bool isRun = Directory.Exists(path);
        PolicyTransformer policy = mlContext.SafeMarl().LoadPolicy(isRun ? Path.Combine(path, TrainCommand.ModelFile) : path);
        var environment = isRun && task is null
            ? RunDescription.Load(path).CreateTask(taskSet)
            : Tasks.Find(task ?? policy.Policy.Origin.Environment).Create(Settings.Read(null, taskSet));
        Dictionary<string, double> byChannel = limits.Select(l => l.Split('=', 2) is [var channel, var value] && double.TryParse(value, out double limit)
            ? (channel, limit) : throw new SafeMarlException($"'{l}' is not of the form CHANNEL=LIMIT.")).ToDictionary(l => l.channel, l => l.limit);
        SafeMarlMetrics metrics = mlContext.SafeMarl().Evaluate(policy, mlContext.SafeMarl().LoadFromEnvironment(environment), options with { CostLimits = byChannel });
        Show(policy.Policy.Origin, metrics, options);
        if (json is not null)
            Write(metrics, json);
        return 0;
    }

    public static void Write(SafeMarlMetrics metrics, string path) => File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(metrics, RunDescription.Json));

    private static void Show(PolicyOrigin origin, SafeMarlMetrics metrics, EvaluationOptions options)
    {
        AnsiConsole.MarkupLine(Markup.Escape(
            $"{origin.Algorithm} on {origin.Environment}, {origin.Steps:N0} steps, seed {origin.Seed}; {metrics.Episodes} fresh episodes, {(options.Deterministic ? "likeliest" : "drawn")} actions, {metrics.Confidence:0.#%} confidence"));
        var table = new Table().Border(TableBorder.Rounded).AddColumns("agent", "return", "cost", "limit", "over the limit", "rate below");
        foreach (AgentMetrics agent in metrics.Agents)
        {
            foreach (CostMetrics cost in agent.Costs)
            {
                table.AddRow(new[]
                {
                    agent.Agent, agent.Return.ToString(), $"{cost.Channel} {cost.EpisodeCost}", $"{cost.Limit:0.##}", $"{cost.Violations} of {metrics.Episodes}", $"{cost.ViolationRateUpperBound:0.####}",
                }.Select(Markup.Escape).ToArray());
            }
        }
        table.AddRow(new[] { "all", metrics.Return.ToString(), metrics.Cost.ToString(), "", $"{metrics.Violations} of {metrics.Episodes}", $"{metrics.ViolationRateUpperBound:0.####}" }.Select(Markup.Escape).ToArray());
        AnsiConsole.Write(table);
    }
}
