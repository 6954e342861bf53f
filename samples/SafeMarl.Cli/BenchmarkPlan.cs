using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Configuration;
using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.ML;

namespace SafeMarl.Cli;

/// <summary>An algorithm of a benchmark, under its options.</summary>
internal sealed record BenchmarkAlgorithm
{
    /// <summary>The algorithm (see <c>list</c>).</summary>
    public required string Algorithm { get; init; }

    /// <summary>What the report calls it; default: the algorithm's name. Two entries of one algorithm need names.</summary>
    public string? Name { get; init; }

    /// <summary>Its options, which come before the task's and the plan's.</summary>
    public JsonElement? Options { get; init; }
}

/// <summary>A task of a benchmark, under its options.</summary>
internal sealed record BenchmarkTask
{
    /// <summary>The task (see <c>list</c>).</summary>
    public required string Task { get; init; }

    /// <summary>What the report calls it; default: the task's name.</summary>
    public string? Name { get; init; }

    /// <summary>Options of the task.</summary>
    public JsonElement? TaskOptions { get; init; }

    /// <summary>Options of every algorithm on this task, which come before the plan's.</summary>
    public JsonElement? Options { get; init; }
}

/// <summary>One run of a benchmark.</summary>
/// <param name="Algorithm">What the report calls the algorithm.</param>
/// <param name="Task">What the report calls the task.</param>
/// <param name="Description">What is run.</param>
/// <param name="Options">Its options.</param>
internal sealed record BenchmarkCell(string Algorithm, string Task, RunDescription Description, TrainingOptions Options)
{
    /// <summary>For people.</summary>
    public override string ToString() => $"{Algorithm} on {Task}, seed {Options.Seed}";

    /// <summary>The run's folder.</summary>
    public string FolderIn(string output) => Path.Combine(output, Task, Algorithm, $"seed-{Options.Seed}");
}

/// <summary>What a benchmark's JSON file says: algorithms x tasks x seeds.</summary>
internal sealed record BenchmarkPlan
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNameCaseInsensitive = true, AllowTrailingCommas = true, ReadCommentHandling = JsonCommentHandling.Skip, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
    };

    /// <summary>Title of the report.</summary>
    public required string Name { get; init; }

    /// <summary>The algorithms.</summary>
    public required IReadOnlyList<BenchmarkAlgorithm> Algorithms { get; init; }

    /// <summary>The tasks.</summary>
    public required IReadOnlyList<BenchmarkTask> Tasks { get; init; }

    /// <summary>The seeds.</summary>
    public IReadOnlyList<int> Seeds { get; init; } = [1, 2, 3];

    /// <summary>Fresh episodes of each run's evaluation.</summary>
    public int Episodes { get; init; } = 100;

    /// <summary>Whether evaluations draw actions, as training does, instead of taking the likeliest.</summary>
    public bool Sampled { get; init; }

    /// <summary>Where evaluations draw: share of random actions of policies that take the highest value.</summary>
    public double Exploration { get; init; }

    /// <summary>Environment steps between checkpoints, from which a killed run goes on.</summary>
    public long CheckpointInterval { get; init; } = new TrainingRun().CheckpointInterval;

    /// <summary>Options of every algorithm.</summary>
    public JsonElement? Options { get; init; }

    /// <summary>Reads a plan.</summary>
    /// <exception cref="SafeMarlException">The file is missing, is no JSON, or says something that no benchmark can be made of.</exception>
    public static BenchmarkPlan Load(string path)
    {
        BenchmarkPlan plan;
        try
        {
            plan = JsonSerializer.Deserialize<BenchmarkPlan>(File.ReadAllBytes(path), Json) ?? throw new JsonException("it is empty");
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw new SafeMarlException($"'{path}' is no plan of a benchmark: {e.Message}", e);
        }
        Check(plan.Algorithms.Count > 0 && plan.Tasks.Count > 0 && plan.Seeds.Count > 0, "it needs at least one algorithm, task and seed");
        Check(plan.Episodes >= 1, $"Episodes is {plan.Episodes}; it must be at least 1");
        Check(plan.Exploration is >= 0 and <= 1, $"Exploration is {plan.Exploration}; it must lie between 0 and 1");
        Check(plan.Exploration == 0 || plan.Sampled, "Exploration needs Sampled");
        Check(plan.CheckpointInterval >= 1, $"CheckpointInterval is {plan.CheckpointInterval}; it must be at least 1");
        Check(plan.Seeds.Distinct().Count() == plan.Seeds.Count, "a seed is given twice");
        return plan;

        void Check(bool holds, string problem)
        {
            if (!holds)
                throw new SafeMarlException($"'{path}' is no plan of a benchmark: {problem}.");
        }
    }

    /// <summary>All runs: every algorithm on every task with the first seed, then with the next one, so that a part of a benchmark says something already.</summary>
    /// <exception cref="SafeMarlException">An algorithm, a task or an option is unknown or out of range, or two runs have one name.</exception>
    public IReadOnlyList<BenchmarkCell> Cells()
    {
        BenchmarkCell[] cells = [.. Seeds.SelectMany(seed => Tasks.SelectMany(task => Algorithms.Select(algorithm => CellOf(algorithm, task, seed))))];
        foreach (BenchmarkCell cell in cells)
        {
            if (new[] { cell.Algorithm, cell.Task }.FirstOrDefault(n => n.AsSpan().ContainsAny(Path.GetInvalidFileNameChars()) || n.Trim('.', ' ') != n || n.Length == 0) is { } unfit)
                throw new SafeMarlException($"'{unfit}' is no name that a folder can have.");
            if (cells.Count(c => c.ToString() == cell.ToString()) > 1)
                throw new SafeMarlException($"There are several runs of {cell}: give the algorithms or tasks names of their own.");
        }
        return cells;
    }

    private BenchmarkCell CellOf(BenchmarkAlgorithm algorithm, BenchmarkTask task, int seed)
    {
        TrainerInfo trainer = TrainerInfo.Find(algorithm.Algorithm);
        TaskInfo taskInfo = Cli.Tasks.Find(task.Task);
        TrainingOptions options = trainer.CreateOptions();
        foreach (JsonElement layer in new[] { Options, task.Options, algorithm.Options }.OfType<JsonElement>())
            Settings.Bind(options, RunDescription.Configuration(layer));
        if (options.Seed is not null)
            throw new SafeMarlException($"Seed={options.Seed} is given as an option; give it as one of the plan's seeds, which name the runs' folders too.");
        options.Seed = seed;
        JsonElement taskOptions = task.TaskOptions ?? JsonSerializer.SerializeToElement(new { });
        using (IMultiAgentEnvironment environment = taskInfo.Create(RunDescription.Configuration(taskOptions))())
            LimitAsTheTask(options, environment.Spec);
        trainer.Create(new MLContext(), options);
        return new BenchmarkCell(algorithm.Name ?? trainer.Name, task.Name ?? taskInfo.Name, new RunDescription(trainer.Name, taskInfo.Name, taskOptions, Settings.ToJson(options), Best: false), options);
    }

    // Constrained algorithms without limits of their own take the task's, by which policies of all algorithms are judged.
    private static void LimitAsTheTask(TrainingOptions options, EnvironmentSpec spec)
    {
        IReadOnlyDictionary<string, string> given = Settings.Describe(options);
        if (!given.TryGetValue(nameof(MafocopsOptions.CostLimits), out string? limits) || limits != "-" || given[nameof(MafocopsOptions.CostLimit)] != "-")
            return;
        Settings.Bind(options, Settings.Read(null, spec.Agents.SelectMany(a => a.Costs).Where(c => c.ReferenceLimit is not null).DistinctBy(c => c.Name)
            .Select(c => string.Create(CultureInfo.InvariantCulture, $"{nameof(MafocopsOptions.CostLimits)}:{c.Name}={c.ReferenceLimit}"))));
    }
}
