using System.CommandLine;
using Microsoft.ML;
using SafeMarl.Cli;
using SafeMarl.Environments;
using SafeMarl.ML;
using SafeMarl.Samples;
using Spectre.Console;

Terminal.Configure();

var set = new Option<string[]>("--set", "-s") { Description = "An option of the algorithm, NAME=VALUE; may be repeated. Limits by channel: CostLimits:CHANNEL=VALUE.", DefaultValueFactory = _ => [] };
var taskSet = new Option<string[]>("--task-set", "-t") { Description = "An option of the task, NAME=VALUE; may be repeated.", DefaultValueFactory = _ => [] };
var interval = new Option<long>("--checkpoint-interval") { Description = "Environment steps between checkpoints.", DefaultValueFactory = _ => new TrainingRun().CheckpointInterval };
var best = new Option<bool>("--best") { Description = "Keep the policy whose training episodes were best, instead of the last one." };
var episodes = new Option<int>("--episodes") { Description = "Fresh episodes of the evaluation; 0: none.", DefaultValueFactory = _ => 20 };
var sampled = new Option<bool>("--sampled") { Description = "Draw actions in the evaluation instead of taking the likeliest ones." };

var exploration = new Option<double>("--exploration") { Description = "With --sampled: share of random actions of policies that take the highest value." };

var root = new RootCommand("Safe multi-agent reinforcement learning for .NET.") { TrainOf(), ResumeOf(), EvaluateOf(), CalibrateOf(), VerifyOf(), InspectOf(), CompareOf(), BenchmarkOf(), ListOf() };
try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception e) when (e is SafeMarlException or EnvironmentException or KeyNotFoundException or ArgumentException or IOException or UnauthorizedAccessException or FormatException or OverflowException or InvalidDataException)
{
    AnsiConsole.MarkupLine($"[red]{Markup.Escape(e.Message)}[/]");
    return 1;
}

Command TrainOf()
{
    var algorithm = new Argument<string>("algorithm") { Description = "Name of the algorithm (see list)." };
    var task = new Argument<string>("task") { Description = "Name of the task (see list)." };
    var options = new Option<string?>("--options", "-o") { Description = "JSON file with options of the algorithm; --set comes before it." };
    var seeds = new Option<int[]>("--seeds") { Description = "Seeds, one run each: --seeds 1 2 3 or --seeds 1,2,3.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [1], CustomParser = result => [.. result.Tokens.SelectMany(t => t.Value.Split(',')).Select(int.Parse)] };
    var output = new Option<string?>("--output") { Description = "Folder for the runs; default runs/ALGORITHM-TASK." };
    var overwrite = new Option<bool>("--overwrite") { Description = "Replace earlier runs in the same folders." };
    var command = new Command("train", "Train an algorithm on a task, one run per seed.") { algorithm, task, options, set, taskSet, seeds, output, overwrite, interval, best, episodes, sampled, exploration };
    command.SetAction((parsed, cancellation) => Task.FromResult(TrainCommand.Train(
        parsed.GetRequiredValue(algorithm), parsed.GetRequiredValue(task), parsed.GetValue(options), parsed.GetRequiredValue(set), parsed.GetRequiredValue(taskSet), parsed.GetRequiredValue(seeds),
        parsed.GetValue(output) ?? Path.Combine("runs", $"{parsed.GetValue(algorithm)}-{parsed.GetValue(task)}"), parsed.GetValue(overwrite), SettingsOf(parsed), cancellation)));
    return command;
}

Command ResumeOf()
{
    var folder = new Argument<string>("folder") { Description = "A run's folder (the one with options.json)." };
    var command = new Command("resume", "Go on with a stopped or killed run, with the bits that it would have had.") { folder, set, interval, best, episodes, sampled, exploration };
    command.SetAction((parsed, cancellation) => Task.FromResult(TrainCommand.Resume(parsed.GetRequiredValue(folder), parsed.GetRequiredValue(set), SettingsOf(parsed), cancellation)));
    return command;
}

Command EvaluateOf()
{
    var path = new Argument<string>("policy") { Description = "A run's folder, a model (.zip) or a policy file (.safetensors)." };
    var task = new Option<string?>("--task") { Description = "Task to evaluate on; default: the one it was trained on." };
    var limits = new Option<string[]>("--limit") { Description = "Limit to count violations against, CHANNEL=LIMIT; may be repeated. Default: the policy's own, else the task's.", DefaultValueFactory = _ => [] };
    var seed = new Option<long>("--seed") { Description = "Seed of the episodes.", DefaultValueFactory = _ => new EvaluationOptions().Seed };
    var confidence = new Option<double>("--confidence") { Description = "Confidence of intervals and bounds.", DefaultValueFactory = _ => new EvaluationOptions().Confidence };
    var fresh = new Option<int>("--episodes") { Description = "Fresh episodes, at least 1.", DefaultValueFactory = _ => new EvaluationOptions().Episodes };
    var json = new Option<string?>("--json") { Description = "File for the result as JSON." };
    var command = new Command("evaluate", "Play fresh episodes and report returns, costs and violation rates with confidence bounds.") { path, task, taskSet, limits, seed, confidence, json, fresh, sampled, exploration };
    command.SetAction(parsed => EvaluateCommand.Evaluate(
        parsed.GetRequiredValue(path), parsed.GetValue(task), parsed.GetRequiredValue(taskSet), parsed.GetRequiredValue(limits),
        new EvaluationOptions { Episodes = parsed.GetRequiredValue(fresh), Deterministic = !parsed.GetValue(sampled), Exploration = parsed.GetValue(exploration), Seed = parsed.GetRequiredValue(seed), Confidence = parsed.GetRequiredValue(confidence) },
        parsed.GetValue(json)));
    return command;
}

Command CalibrateOf()
{
    var path = new Argument<string>("policy") { Description = "A run's folder, a model (.zip) or a policy file (.safetensors) of an algorithm that learns certificates." };
    var task = new Option<string?>("--task") { Description = "Task to calibrate on; default: the one it was trained on." };
    var seed = new Option<long>("--seed") { Description = "Seed of the episodes.", DefaultValueFactory = _ => new CalibrationOptions().Seed };
    var fresh = new Option<int>("--episodes") { Description = "Fresh episodes, at least 1.", DefaultValueFactory = _ => new CalibrationOptions().Episodes };
    var misses = new Option<double>("--miss-rate") { Description = "In how many episodes with violations one may come without an alarm before.", DefaultValueFactory = _ => new CalibrationOptions().MissRate };
    var falseAlarms = new Option<double>("--false-alarm-rate") { Description = "Where violations are too rare for that: in how many episodes without violations there may be an alarm.", DefaultValueFactory = _ => new CalibrationOptions().FalseAlarmRate };
    var lead = new Option<int>("--lead") { Description = "Steps before a violation in which an alarm counts.", DefaultValueFactory = _ => new CalibrationOptions().LeadSteps };
    var output = new Option<string?>("--output") { Description = $"File for the calibrated model; default: {CalibrateCommand.ModelFile} beside the policy." };
    var picture = new Option<string?>("--picture") { Description = $"File for the calibration plot (SVG); default: {CalibrateCommand.PictureFile} beside the policy." };
    var command = new Command("calibrate", "Compare learned certificates with fresh episodes, and set the thresholds of their alarms.") { path, task, taskSet, seed, fresh, sampled, misses, falseAlarms, lead, output, picture };
    command.SetAction(parsed => CalibrateCommand.Calibrate(
        parsed.GetRequiredValue(path), parsed.GetValue(task), parsed.GetRequiredValue(taskSet),
        new CalibrationOptions
        {
            Episodes = parsed.GetRequiredValue(fresh), Deterministic = !parsed.GetValue(sampled), Seed = parsed.GetRequiredValue(seed), MissRate = parsed.GetRequiredValue(misses),
            FalseAlarmRate = parsed.GetRequiredValue(falseAlarms), LeadSteps = parsed.GetRequiredValue(lead),
        },
        parsed.GetValue(output), parsed.GetValue(picture)));
    return command;
}

Command VerifyOf()
{
    var defaults = new VerificationOptions();
    var path = new Argument<string>("policy") { Description = "A run's folder, a model (.zip) or a policy file (.safetensors)." };
    var task = new Option<string?>("--task") { Description = "Task to verify on; default: the one it was trained on." };
    var seed = new Option<long>("--seed") { Description = "Seed of the episodes, which are none of training's or of evaluation's.", DefaultValueFactory = _ => defaults.Seed };
    var fresh = new Option<int>("--episodes") { Description = "Fresh episodes, at least 1.", DefaultValueFactory = _ => defaults.Episodes };
    var confidence = new Option<double>("--confidence") { Description = "Confidence of each certificate, between 0 and 1.", DefaultValueFactory = _ => defaults.Confidence };
    var losses = new Option<double>("--max-losses") { Description = "Losses above which an episode is unsafe, at least 0.", DefaultValueFactory = _ => defaults.MaxLosses };
    var cost = new Option<string?>("--cost") { Description = "Cost whose sum over an episode is counted; default: the agents that are lost, or the task's only cost where it does not say which are." };
    var exceedances = new Option<int>("--exceedances") { Description = "For the limit that the episodes choose: how many of them may lie above it.", DefaultValueFactory = _ => defaults.Exceedances };
    var candidates = new Option<int>("--candidates") { Description = "How many policies or limits are verified of which one will be picked.", DefaultValueFactory = _ => defaults.Candidates };
    var output = new Option<string?>("--output") { Description = $"File for the policy with its safety card, a policy file if it ends in {VerifyCommand.PolicyExtension}, else a model; default: {VerifyCommand.ModelFile} beside the policy." };
    var command = new Command("verify", "Certify on fresh episodes how often a policy loses more than a limit at most, and write that into its file.") { path, task, taskSet, seed, fresh, sampled, confidence, losses, cost, exceedances, candidates, output };
    command.SetAction(parsed => VerifyCommand.Verify(
        parsed.GetRequiredValue(path), parsed.GetValue(task), parsed.GetRequiredValue(taskSet),
        new VerificationOptions
        {
            Episodes = parsed.GetRequiredValue(fresh), Confidence = parsed.GetRequiredValue(confidence), MaxLosses = parsed.GetRequiredValue(losses), Cost = parsed.GetValue(cost),
            Exceedances = parsed.GetRequiredValue(exceedances), Candidates = parsed.GetRequiredValue(candidates), Deterministic = !parsed.GetValue(sampled), Seed = parsed.GetRequiredValue(seed),
        },
        parsed.GetValue(output)));
    return command;
}

static Command InspectOf()
{
    var path = new Argument<string>("policy") { Description = "A run's folder, a model (.zip) or a policy file (.safetensors)." };
    var command = new Command("inspect", "Show what is in a policy's file: origin, agents, certificates and safety card.") { path };
    command.SetAction(parsed => InspectCommand.Inspect(parsed.GetRequiredValue(path)));
    return command;
}

static Command CompareOf()
{
    var folders = new Argument<string[]>("runs") { Description = "Folders of runs: a run's own, or one with a folder per seed.", Arity = ArgumentArity.OneOrMore };
    var output = new Option<string>("--output") { Description = "File for the learning curves (SVG).", DefaultValueFactory = _ => TrainCommand.CurvesFile };
    var command = new Command("compare", "Show learning curves and evaluations of several runs beside each other.") { folders, output };
    command.SetAction(parsed => CompareCommand.Compare(parsed.GetRequiredValue(folders), parsed.GetRequiredValue(output)));
    return command;
}

static Command BenchmarkOf()
{
    var plan = new Argument<string>("plan") { Description = "JSON file: algorithms, tasks, seeds and their options (see docs/benchmarking.md)." };
    var output = new Option<string?>("--output") { Description = "Folder for the runs; default runs/NAME-OF-THE-FILE." };
    var report = new Option<string?>("--report") { Description = "Folder for the report; default: the runs' folder." };
    var parallel = new Option<int>("--parallel") { Description = "Runs side by side; default: one per processor.", DefaultValueFactory = _ => Environment.ProcessorCount };
    var replace = new Option<bool>("--overwrite") { Description = "Replace runs that have other options." };
    var reportOnly = new Option<bool>("--report-only") { Description = "Run nothing; report what is finished." };
    var command = new Command("benchmark", "Run algorithms x tasks x seeds from a file, going on where an earlier call was stopped, and report them beside each other.") { plan, output, report, parallel, replace, reportOnly };
    command.SetAction((parsed, cancellation) =>
    {
        string file = parsed.GetRequiredValue(plan), runs = parsed.GetValue(output) ?? Path.Combine("runs", Path.GetFileNameWithoutExtension(file));
        return BenchmarkCommand.Run(file, new BenchmarkSettings(runs, parsed.GetValue(report) ?? runs, parsed.GetRequiredValue(parallel), parsed.GetValue(replace), parsed.GetValue(reportOnly)), cancellation);
    });
    return command;
}

static Command ListOf()
{
    var command = new Command("list", "Show the algorithms and tasks with their options and defaults.");
    command.SetAction(_ => ListCommand.List());
    return command;
}

RunSettings SettingsOf(ParseResult parsed) => new(parsed.GetRequiredValue(interval), parsed.GetValue(best), parsed.GetRequiredValue(episodes), parsed.GetValue(sampled), parsed.GetValue(exploration));
