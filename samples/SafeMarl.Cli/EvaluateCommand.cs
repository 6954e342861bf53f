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
        StoredPolicy stored = StoredPolicy.Load(mlContext, path);
        Dictionary<string, double> byChannel = limits.Select(l => l.Split('=', 2) is [var channel, var value] && double.TryParse(value, out double limit)
            ? (channel, limit) : throw new SafeMarlException($"'{l}' is not of the form CHANNEL=LIMIT.")).ToDictionary(l => l.channel, l => l.limit);
        IDataView environment = mlContext.SafeMarl().LoadFromEnvironment(stored.CreateTask(task, taskSet));
        SafeMarlMetrics metrics = mlContext.SafeMarl().Evaluate(stored.Policy, environment, options with { CostLimits = byChannel });
        Show(stored.Policy.Policy.Origin, metrics, options);
        if (json is not null)
            Write(metrics, json);
        return 0;
    }

    public static void Write(SafeMarlMetrics metrics, string path) => File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(metrics, RunDescription.Json));

    private static void Show(PolicyOrigin origin, SafeMarlMetrics metrics, EvaluationOptions options)
    {
        AnsiConsole.MarkupLine(Markup.Escape(
            $"{origin.Algorithm} on {origin.Environment}, {origin.Steps:N0} steps, seed {origin.Seed}; {metrics.Episodes} fresh episodes, {(options.Deterministic ? "likeliest" : "drawn")} actions{(options.Exploration > 0 ? $" ({options.Exploration:0.#%} random)" : "")}, {metrics.Confidence:0.#%} confidence"));
        bool deviates = metrics.Deviation is not null;
        var table = new Table().Border(TableBorder.Rounded).AddColumns(["agent", "return", .. deviates ? new[] { "deviation" } : [], "cost", "limit", "over the limit", "rate below"]);
        foreach (AgentMetrics agent in metrics.Agents)
        {
            foreach (CostMetrics cost in agent.Costs)
            {
                Row(agent.Agent, agent.Return, agent.Deviation, $"{cost.Channel} {cost.EpisodeCost}", $"{cost.Limit:0.##}", cost.Violations, cost.ViolationRateUpperBound);
            }
        }
        Row("all", metrics.Return, metrics.Deviation, metrics.Cost.ToString(), "", metrics.Violations, metrics.ViolationRateUpperBound);
        AnsiConsole.Write(table);
        if (metrics.SuccessRate is { } rate)
            AnsiConsole.MarkupLine(Markup.Escape($"success rate {rate}"));

        void Row(string agent, Estimate @return, Estimate? deviation, string cost, string limit, int violations, double bound)
        {
            string[] cells = [agent, @return.ToString(), .. deviates ? new[] { deviation!.ToString() } : [], cost, limit, $"{violations} of {metrics.Episodes}", $"{bound:0.####}"];
            table.AddRow([.. cells.Select(Markup.Escape)]);
        }
    }
}
