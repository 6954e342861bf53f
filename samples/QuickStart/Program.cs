// Safe multi-agent reinforcement learning in one file: several agents learn to run a cheetah together, with and without a limit on their
// cost; the safe policy is evaluated, saved as an ML.NET model, and used by another process.
using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using SafeMarl.Environments;
using SafeMarl.Environments.Mujoco;
using SafeMarl.Environments.SafeMujoco;
using SafeMarl.ML;
using SafeMarl.Samples;
using Spectre.Console;

if (args is ["--predict", var saved])
    return Predict(saved);

Terminal.Configure();
long steps = args is ["--steps", var text] ? long.Parse(text) : 450_000;
const double CostLimit = 20;
string folder = Directory.CreateDirectory("artifacts/quickstart").FullName, model = Path.Combine(folder, "cheetah.zip");

// 1. The task: two agents share out the six joints; they are rewarded for speed and charged while a moving wall is near. Episodes of 200
//    steps (the published ones have 1,000) let a minute of training meet the wall often.
var mlContext = new MLContext(seed: 1);
IDataView cheetah = mlContext.SafeMarl().LoadFromEnvironment(
    () => new SafeHalfCheetah(AgentPartition.Parse("2x3"), new SafeHalfCheetahOptions { EpisodeLength = 200 }));
AnsiConsole.MarkupLine($"Safe HalfCheetah 2x3 as a data view: [grey]{string.Join(", ", cheetah.Schema.Select(c => c.Name))}[/]\n");

// 2. Two trainers: one that knows the reward only, and one that keeps the mean cost of an episode under a limit.
var mappo = new LiveProgress("MAPPO, unconstrained");
PolicyTransformer unconstrained = mappo.Show(() => mlContext.SafeMarl().Trainers.Mappo(new MappoOptions
{
    TotalSteps = steps, Seed = 1, Environments = 16, RolloutSteps = 400, Minibatches = 16, ActorLearningRate = 3e-4, EntropyCoefficient = 0,
}).Fit(cheetah, new TrainingRun { Sinks = [mappo] }));

var mafocops = new LiveProgress($"MAFOCOPS, episode cost limited to {CostLimit}");
PolicyTransformer constrained = mafocops.Show(() => mlContext.SafeMarl().Trainers.Mafocops(new MafocopsOptions
{
    TotalSteps = steps, Seed = 1, CostLimit = CostLimit, Environments = 16, RolloutSteps = 400, ActorLearningRate = 3e-4,
    // The paper's multipliers need hundreds of rollouts to act; a minute has seventy.
    MultiplierLearningRate = 0.05, MaxMultiplier = 5, Delta = 0.03,
}).Fit(cheetah, new TrainingRun { Sinks = [mafocops] }));

// 3. How good, and how safe? Fresh episodes; each policy as it was trained (drawn actions) and as it is served (likeliest actions).
var limits = new Dictionary<string, double> { ["wall"] = CostLimit };
var drawn = new EvaluationOptions { Episodes = 40, CostLimits = limits, Deterministic = false };
var served = drawn with { Deterministic = true };
var table = new Table().Border(TableBorder.Rounded).AddColumns("policy", "actions", "return", $"cost (limit {CostLimit})", "episodes over the limit");
Report("random", "uniform", mlContext.SafeMarl().EvaluateRandom(cheetah, drawn));
Report("MAPPO", "drawn", mlContext.SafeMarl().Evaluate(unconstrained, cheetah, drawn));
Report("MAPPO", "likeliest", mlContext.SafeMarl().Evaluate(unconstrained, cheetah, served));
Report("MAFOCOPS", "drawn", mlContext.SafeMarl().Evaluate(constrained, cheetah, drawn));
Report("MAFOCOPS", "likeliest", mlContext.SafeMarl().Evaluate(constrained, cheetah, served));
AnsiConsole.Write(table);
AnsiConsole.MarkupLine("Means over 40 fresh episodes with 95 % bootstrap intervals; the rate of episodes over the limit with its 95 % upper bound.\n");

Chart.Write(Path.Combine(folder, "learning-curves.svg"), "Safe HalfCheetah 2x3",
[
    ChartPanel.OverSteps("return of an episode", [CurveOf("MAPPO", mappo, p => p.Return), CurveOf("MAFOCOPS", mafocops, p => p.Return)]),
    ChartPanel.OverSteps("cost of an episode", [CurveOf("MAPPO", mappo, p => p.Costs[0].EpisodeCost), CurveOf("MAFOCOPS", mafocops, p => p.Costs[0].EpisodeCost)], CostLimit),
]);

// 4. An ML.NET model, and a process of its own that predicts with it.
mlContext.Model.Save(constrained, cheetah.Schema, model);
Console.WriteLine($"learning curves: {Path.Combine(folder, "learning-curves.svg")}");
Console.WriteLine($"model:           {model} ({new FileInfo(model).Length / 1024} KB)\n");
Console.WriteLine("A new process loads the model and predicts:");
using Process other = Process.Start("dotnet", [Environment.GetCommandLineArgs()[0], "--predict", model]);
other.WaitForExit();
return other.ExitCode;

void Report(string policy, string actions, SafeMarlMetrics m) => table.AddRow(
    policy, actions, $"{m.Return.Mean:0} [[{m.Return.Interval.Low:0}, {m.Return.Interval.High:0}]]", $"{m.Cost.Mean:0.0} [[{m.Cost.Interval.Low:0.0}, {m.Cost.Interval.High:0.0}]]",
    $"{m.Violations} of {m.Episodes} (rate < {m.ViolationRateUpperBound:0.00})");

static Curve CurveOf(string name, LiveProgress run, Func<TrainingProgress, double?> value) =>
    SeedCurve.Of(name, [run.Reports.Where(p => value(p) is not null).Select(p => ((double)p.Steps, value(p)!.Value))]);

// What a service does: load the model with plain ML.NET and predict an action for each agent. No libtorch is loaded.
static int Predict(string path)
{
    var mlContext = new MLContext();
    ITransformer loaded = mlContext.Model.Load(path, out _);
    using PredictionEngine<AgentObservation, AgentAction> engine = mlContext.Model.CreatePredictionEngine<AgentObservation, AgentAction>(loaded);
    using var cheetah = new SafeHalfCheetah(AgentPartition.Parse("2x3"));
    var step = new StepMemory(cheetah.Spec, 1);
    cheetah.Reset(seed: 7, step[0]);
    for (int agent = 0; agent < cheetah.Spec.Agents.Count; agent++)
    {
        var row = new AgentObservation { AgentId = cheetah.Spec.Agents[agent].Name, Observation = step[0].Observation(agent).ToArray() };
        Console.WriteLine($"  {row.AgentId}: action [{string.Join(", ", engine.Predict(row).Action.Select(a => $"{a:0.000}"))}]");
    }
    return 0;
}

internal sealed class AgentObservation
{
    public string AgentId { get; set; } = "";

    [VectorType]
    public float[] Observation { get; set; } = [];
}

internal sealed class AgentAction
{
    public float[] Action { get; set; } = [];
}
