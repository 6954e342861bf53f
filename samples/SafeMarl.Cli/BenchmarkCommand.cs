using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using SafeMarl.ML;
using Spectre.Console;

namespace SafeMarl.Cli;

/// <summary>How a benchmark is carried out.</summary>
/// <param name="Output">Folder of its runs, <c>TASK/ALGORITHM/seed-N</c>.</param>
/// <param name="Report">Folder of its report.</param>
/// <param name="Parallel">Runs side by side, each in a process of its own.</param>
/// <param name="Overwrite">Whether runs with other options are replaced.</param>
/// <param name="ReportOnly">Whether nothing is run.</param>
internal sealed record BenchmarkSettings(string Output, string Report, int Parallel, bool Overwrite, bool ReportOnly);

/// <summary>
/// Runs algorithms x tasks x seeds and reports what came of them. Every run has a process of its own, which its peak memory is measured of and whose end, however violent, ends nothing else. Finished runs are
/// skipped, begun ones go on from their last checkpoint.
/// </summary>
internal static class BenchmarkCommand
{
    private const string LogFile = "log.txt";

    public static async Task<int> Run(string planFile, BenchmarkSettings settings, CancellationToken cancellation)
    {
        if (settings.Parallel < 1)
            throw new SafeMarlException($"--parallel is {settings.Parallel}; it must be at least 1.");
        BenchmarkPlan plan = BenchmarkPlan.Load(planFile);
        IReadOnlyList<BenchmarkCell> cells = plan.Cells();
        (BenchmarkCell Cell, string Difference)[] others = [.. cells.Select(c => (c, Difference(c, settings.Output)!)).Where(c => c.Item2 is not null)];
        if (others.Length > 0 && !settings.Overwrite)
            throw new SafeMarlException($"'{others[0].Cell.FolderIn(settings.Output)}' holds a run with other options ({others[0].Difference}): replace such runs (--overwrite) or choose another folder (--output).");
        int failed = 0;
        if (!settings.ReportOnly)
        {
            foreach ((BenchmarkCell other, _) in others)
                Directory.Delete(other.FolderIn(settings.Output), recursive: true);
            failed = await RunAll(plan, cells, settings, cancellation);
        }
        string report = BenchmarkReport.Write(plan, planFile, cells, settings);
        AnsiConsole.MarkupLine($"report: {Markup.Escape(report)}");
        return failed > 0 || cancellation.IsCancellationRequested ? 1 : 0;
    }

    /// <summary>What a run has left; null before it is finished.</summary>
    public static RunResult? FinishedResult(BenchmarkCell cell, string output)
    {
        string folder = cell.FolderIn(output);
        RunResult? result = File.Exists(Path.Combine(folder, RunResult.EvaluationFile)) ? RunResult.LoadAll(folder).Single() : null;
        return result?.Steps >= cell.Options.TotalSteps ? result : null;
    }

    private static async Task<int> RunAll(BenchmarkPlan plan, IReadOnlyList<BenchmarkCell> cells, BenchmarkSettings settings, CancellationToken cancellation)
    {
        BenchmarkCell[] pending = [.. cells.Where(c => FinishedResult(c, settings.Output) is null)];
        AnsiConsole.MarkupLine($"{cells.Count - pending.Length} of {cells.Count} runs are finished already");
        int done = cells.Count - pending.Length, failed = 0;
        try
        {
            await Parallel.ForEachAsync(pending, new ParallelOptions { MaxDegreeOfParallelism = settings.Parallel, CancellationToken = cancellation }, async (cell, stop) =>
            {
                var clock = Stopwatch.StartNew();
                int exit = await RunCell(plan, cell, settings, stop);
                RunResult? result = exit == 0 ? FinishedResult(cell, settings.Output) : null;
                if (result is null)
                    Interlocked.Increment(ref failed);
                string outcome = result is null ? $"failed, see {Path.Combine(cell.FolderIn(settings.Output), LogFile)}"
                    : string.Create(CultureInfo.InvariantCulture, $"return {result.Evaluation!.Return.Mean:0.0}, cost {result.Evaluation.Cost.Mean:0.0}, {result.Resources?.StepsPerSecond:N0} steps/s");
                AnsiConsole.MarkupLine(Markup.Escape($"[{Interlocked.Increment(ref done)}/{cells.Count}] {cell}: {outcome}, {clock.Elapsed:hh\\:mm\\:ss}"));
            });
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            AnsiConsole.MarkupLine("[yellow]Stopped;[/] the same command goes on.");
        }
        return failed;
    }

    // A run that nothing is left of begins anew, any other goes on from its last checkpoint.
    private static async Task<int> RunCell(BenchmarkPlan plan, BenchmarkCell cell, BenchmarkSettings settings, CancellationToken cancellation)
    {
        string folder = cell.FolderIn(settings.Output);
        if (!File.Exists(Path.Combine(folder, RunDescription.FileName)))
            cell.Description.Save(folder);
        List<string> arguments = ["resume", folder, "--episodes", $"{plan.Episodes}", "--checkpoint-interval", $"{plan.CheckpointInterval}"];
        if (plan.Sampled)
            arguments.AddRange(["--sampled", "--exploration", plan.Exploration.ToString(CultureInfo.InvariantCulture)]);
        if (cell.Options.WorkerThreads == 0)
            arguments.AddRange(["--set", $"{nameof(TrainingOptions.WorkerThreads)}={Math.Max(1, Environment.ProcessorCount / settings.Parallel)}"]);
        using Process process = StartSelf(arguments);
        using var log = new FileStream(Path.Combine(folder, LogFile), FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        using var errors = new MemoryStream();
        using CancellationTokenRegistration kill = cancellation.Register(() => process.Kill(entireProcessTree: true));
        await Task.WhenAll(process.StandardOutput.BaseStream.CopyToAsync(log, CancellationToken.None), process.StandardError.BaseStream.CopyToAsync(errors, CancellationToken.None), process.WaitForExitAsync(CancellationToken.None));
        errors.WriteTo(log);
        cancellation.ThrowIfCancellationRequested();
        return process.ExitCode;
    }

    private static Process StartSelf(IEnumerable<string> arguments)
    {
        string program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    // The first thing in which a folder's run is not the plan's; results do not depend on threads.
    private static string? Difference(BenchmarkCell cell, string output)
    {
        string folder = cell.FolderIn(output);
        if (!File.Exists(Path.Combine(folder, RunDescription.FileName)))
            return null;
        RunDescription found = RunDescription.Load(folder), planned = cell.Description;
        return found.Algorithm != planned.Algorithm ? $"{found.Algorithm} instead of {planned.Algorithm}"
            : found.Task != planned.Task ? $"{found.Task} instead of {planned.Task}"
            : FirstDifference(found.TaskOptions, planned.TaskOptions) ?? FirstDifference(found.Options, planned.Options);
    }

    private static string? FirstDifference(JsonElement found, JsonElement planned) =>
        found.EnumerateObject().Concat(planned.EnumerateObject()).Select(p => p.Name).Distinct().Where(n => n != nameof(TrainingOptions.WorkerThreads))
            .Where(name => Text(found, name) != Text(planned, name)).Select(name => $"{name} is {Text(found, name)} instead of {Text(planned, name)}").FirstOrDefault();

    private static string Text(JsonElement json, string name) => json.TryGetProperty(name, out JsonElement value) ? JsonSerializer.Serialize(value) : "missing";
}
