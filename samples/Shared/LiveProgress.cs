using SafeMarl.ML;
using Spectre.Console;

namespace SafeMarl.Samples;

/// <summary>
/// Shows a training run while it goes on: a table that changes in place on a terminal, a line every few seconds elsewhere. Keeps the reports
/// for learning curves.
/// </summary>
internal sealed class LiveProgress(string title) : IMetricSink
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    private readonly List<TrainingProgress> _reports = [];
    private readonly ConsoleMetricSink _lines = new();
    private LiveDisplayContext? _display;
    private TimeSpan _lastLine = -LineInterval;

    /// <summary>Every report so far.</summary>
    public IReadOnlyList<TrainingProgress> Reports => _reports;

    /// <summary>Runs training with the display around it.</summary>
    public T Show<T>(Func<T> train)
    {
        AnsiConsole.MarkupLine($"[bold]{Markup.Escape(title)}[/]");
        if (!AnsiConsole.Profile.Capabilities.Interactive)
            return train();
        return AnsiConsole.Live(new Text("starting")).Start(context =>
        {
            _display = context;
            return train();
        });
    }

    public void Emit(TrainingProgress progress)
    {
        _reports.Add(progress);
        if (_display is not null)
        {
            _display.UpdateTarget(Render(progress));
        }
        else if (progress.Elapsed - _lastLine >= LineInterval || progress.Steps >= progress.TotalSteps)
        {
            _lastLine = progress.Elapsed;
            _lines.Emit(progress);
        }
    }

    private Table Render(TrainingProgress progress)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("steps", "return", "cost / limit", "multiplier", "steps/s", "time left");
        foreach (CostProgress cost in progress.Costs)
        {
            bool first = cost == progress.Costs[0], over = cost.EpisodeCost > cost.Limit;
            table.AddRow(
                first ? $"{progress.Steps:N0} of {progress.TotalSteps:N0}" : "",
                first ? Number(Last(p => p.Return)) : "",
                $"{Markup.Escape(cost.Agent)} {Markup.Escape(cost.Channel)} [{(over ? "red" : "green")}]{Number(Last(p => p.Costs[progress.Costs.ToList().IndexOf(cost)].EpisodeCost))}[/]{(cost.Limit is { } l ? $" / {l:0.##}" : "")}",
                cost.Multiplier is { } m ? $"{m:0.000}" : "-",
                first ? $"{progress.StepsPerSecond:N0}" : "",
                first ? $"{progress.TimeLeft:hh\\:mm\\:ss}" : "");
        }
        return table;
    }

    // An iteration in which no episode ended tells nothing new.
    private double? Last(Func<TrainingProgress, double?> value) => _reports.Select(value).LastOrDefault(v => v is not null);

    private static string Number(double? value) => value is { } v ? v.ToString("0.0") : "-";
}
