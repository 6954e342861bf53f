using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.ML;
using SafeMarl.Samples;
using Spectre.Console;

namespace SafeMarl.Cli;

/// <summary>What <c>train</c> and <c>resume</c> do beside the algorithm and the task.</summary>
/// <param name="CheckpointInterval">Environment steps between checkpoints.</param>
/// <param name="Best">Whether the best policy is kept instead of the last.</param>
/// <param name="Episodes">Episodes of the final evaluation; 0: none.</param>
/// <param name="Sampled">Whether the evaluation draws actions.</param>
/// <param name="Exploration">Share of random actions in the evaluation of policies that take the highest value, where it draws.</param>
internal sealed record RunSettings(long CheckpointInterval, bool Best, int Episodes, bool Sampled, double Exploration);

/// <summary>
/// Trains one run per seed. A run's folder holds <c>options.json</c>, <c>metrics.jsonl</c>, <c>checkpoints/</c>, <c>model.zip</c>,
/// <c>policy.safetensors</c>, <c>resources.json</c> and <c>evaluation.json</c>; the folder above it the learning curves of all seeds.
/// </summary>
internal static class TrainCommand
{
    public const string ModelFile = "model.zip", PolicyFile = "policy.safetensors", CurvesFile = "learning-curves.svg";

    public static int Train(string algorithm, string task, string? optionsFile, string[] set, string[] taskSet, int[] seeds, string output, bool overwrite, RunSettings settings, CancellationToken cancellation)
    {
        TrainerInfo info = TrainerInfo.Find(algorithm);
        TrainingOptions options = Settings.Bind(info.CreateOptions(), Settings.Read(optionsFile, set));
        TaskInfo taskInfo = Tasks.Find(task);
        var taskOptions = Settings.Read(null, taskSet);
        if (options.Seed is { } seedOption)
            throw new SafeMarlException($"Seed={seedOption} is given as an option; give it with --seeds, which names the run's folder too.");
        if (seeds.Distinct().Count() != seeds.Length)
            throw new SafeMarlException($"A seed is given twice: {string.Join(", ", seeds)}.");
        // What is wrong shows before anything is deleted or written.
        taskInfo.Create(taskOptions)().Dispose();
        info.Create(new MLContext(), options);
        foreach (int seed in seeds)
            Claim(FolderOf(output, seed), overwrite);
        foreach (int seed in seeds)
        {
            if (cancellation.IsCancellationRequested)
                break;
            options.Seed = seed;
            string folder = FolderOf(output, seed);
            var description = new RunDescription(
                info.Name, taskInfo.Name, JsonSerializer.SerializeToElement(taskOptions.AsEnumerable().Where(p => p.Value is not null).ToDictionary(p => p.Key, p => p.Value)), Settings.ToJson(options), settings.Best);
            description.Save(folder);
            Run(description, options, folder, resume: false, settings, cancellation);
        }
        return CompareCommand.Compare([output], Path.Combine(output, CurvesFile));
    }

    public static int Resume(string folder, string[] set, RunSettings settings, CancellationToken cancellation)
    {
        RunDescription description = RunDescription.Load(folder);
        TrainingOptions options = Settings.Bind(description.CreateOptions(), Settings.Read(null, set));
        Run(description, options, folder, resume: true, settings with { Best = settings.Best || description.Best }, cancellation);
        return CompareCommand.Compare([folder], Path.Combine(folder, CurvesFile));
    }

    private static string FolderOf(string output, int seed) => Path.Combine(output, $"seed-{seed}");

    // A folder that holds no run is never deleted, whatever else is in it.
    private static void Claim(string folder, bool overwrite)
    {
        if (!File.Exists(Path.Combine(folder, RunDescription.FileName)))
            return;
        if (!overwrite)
            throw new SafeMarlException($"'{folder}' holds a run already: go on with it (resume), replace it (--overwrite) or choose another folder (--output).");
        Directory.Delete(folder, recursive: true);
    }

    private static void Run(RunDescription description, TrainingOptions options, string folder, bool resume, RunSettings settings, CancellationToken cancellation)
    {
        var mlContext = new MLContext(options.Seed);
        Func<IMultiAgentEnvironment> task = description.CreateTask();
        IDataView environment = mlContext.SafeMarl().LoadFromEnvironment(task);
        SafeMarlTrainer trainer = TrainerInfo.Find(description.Algorithm).Create(mlContext, options);
        var live = new LiveProgress($"{description.Algorithm} on {description.Task}, seed {options.Seed}, in {folder}");
        using var lines = new JsonLinesMetricSink(Path.Combine(folder, RunResult.MetricsFile), resume ? TrainingRun.LatestCheckpoint(folder) ?? 0 : 0);
        var run = new TrainingRun
        {
            Folder = folder, Resume = resume, CheckpointInterval = settings.CheckpointInterval, Policy = settings.Best ? PolicyChoice.Best : PolicyChoice.Last,
            Sinks = [live, lines], CancellationToken = cancellation,
        };
        PolicyTransformer policy = live.Show(() => trainer.Fit(environment, run));

        if (live.Reports.Count > 0)
        {
            var resources = new RunResources(SeedCurve.Median(live.Reports.Select(r => r.StepsPerSecond)), Process.GetCurrentProcess().PeakWorkingSet64);
            File.WriteAllBytes(Path.Combine(folder, RunResult.ResourcesFile), JsonSerializer.SerializeToUtf8Bytes(resources, RunDescription.Json));
        }
        mlContext.Model.Save(policy, environment.Schema, Path.Combine(folder, ModelFile));
        policy.Policy.Save(Path.Combine(folder, PolicyFile));
        if (cancellation.IsCancellationRequested)
            AnsiConsole.MarkupLine($"[yellow]Stopped after {policy.Policy.Origin.Steps:N0} steps;[/] go on with: safemarl resume {Markup.Escape(folder)}");
        if (settings.Episodes > 0)
        {
            var evaluation = new EvaluationOptions { Episodes = settings.Episodes, Deterministic = !settings.Sampled, Exploration = settings.Exploration };
            EvaluateCommand.Write(mlContext.SafeMarl().Evaluate(policy, environment, evaluation), Path.Combine(folder, RunResult.EvaluationFile));
        }
    }
}
