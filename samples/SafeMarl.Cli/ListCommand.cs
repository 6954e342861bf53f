using SafeMarl.ML;
using Spectre.Console;

namespace SafeMarl.Cli;

/// <summary>Shows the algorithms and tasks with their options.</summary>
internal static class ListCommand
{
    public static int List()
    {
        foreach (TrainerInfo algorithm in TrainerInfo.All)
            Show(algorithm.Name, algorithm.Summary, Settings.Describe(algorithm.CreateOptions()));
        foreach (TaskInfo task in Tasks.All)
            Show(task.Name, task.Summary, task.Options);
        return 0;
    }

    private static void Show(string name, string summary, IReadOnlyDictionary<string, string> options)
    {
        AnsiConsole.MarkupLine($"[bold]{Markup.Escape(name)}[/]  {Markup.Escape(summary)}");
        if (options.Count > 0)
            AnsiConsole.MarkupLine($"  [grey]{Markup.Escape(string.Join("  ", options.Select(o => $"{o.Key}={o.Value}")))}[/]");
    }
}
