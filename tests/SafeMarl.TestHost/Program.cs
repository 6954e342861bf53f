using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Data;
using SafeMarl.Environments.Games;
using SafeMarl.Environments.Mujoco;
using SafeMarl.Environments.SafeMujoco;
using SafeMarl.ML;

return args switch
{
    ["train", var folder, var steps, var threads, .. var rest] => Train(folder, long.Parse(steps), int.Parse(threads), rest.Contains("resume")),
    ["hash", var steps, var threads] => Hash(long.Parse(steps), int.Parse(threads)),
    ["predict", var model, var agent, var size] => Predict(model, agent, int.Parse(size)),
    ["act", var policy] => Act(policy),
    _ => 2,
};

// A run on the two-step game with a checkpoint every few iterations; prints the hash of the policy at its end.
static int Train(string folder, long steps, int threads, bool resume)
{
    var options = new MafocopsOptions
    {
        TotalSteps = steps, Seed = 11, WorkerThreads = threads, CostLimit = 0.5, Environments = 6, RolloutSteps = 15, MinibatchSize = 32, HiddenSize = 16, Device = "cpu",
    };
    PolicyTransformer policy = new MLContext(1).SafeMarl().Trainers.Mafocops(options)
        .Fit(() => new ConstrainedTwoStepGame(), new TrainingRun { Folder = folder, Resume = resume, CheckpointInterval = 200 });
    Console.WriteLine(HashOf(policy.Policy));
    return 0;
}

// The cheetah for some thousand steps; prints the hash of the policy.
static int Hash(long steps, int threads)
{
    var options = new MafocopsOptions { TotalSteps = steps, Seed = 5, WorkerThreads = threads, CostLimit = 30, Environments = 8, RolloutSteps = 250, Device = "cpu" };
    PolicyTransformer policy = new MLContext(1).SafeMarl().Trainers.Mafocops(options).Fit(() => new SafeHalfCheetah(AgentPartition.Parse("2x3")));
    Console.WriteLine(HashOf(policy.Policy));
    return 0;
}

// Loads a model and predicts one action; then says which native libraries the process has loaded.
static int Predict(string model, string agent, int size)
{
    var mlContext = new MLContext();
    ITransformer loaded = mlContext.Model.Load(model, out _);
    using PredictionEngine<Input, Output> engine = mlContext.Model.CreatePredictionEngine<Input, Output>(loaded);
    Output output = engine.Predict(new Input { AgentId = agent, Observation = [.. Enumerable.Range(0, size).Select(i => i / 10f)] });
    Console.WriteLine(string.Join(' ', output.Action.Select(a => a.ToString("R"))));
    Console.WriteLine(string.Join(' ', PolicyTransformer.From(mlContext, loaded).Policy.Agents.Select(a => a.Name)));
    return ReportTorch();
}

static int Act(string path)
{
    Policy policy = Policy.Load(path);
    PolicyAgent agent = policy.Agents[0];
    var action = new float[agent.ActionSpace.Size];
    agent.Act(new float[agent.ObservationSize], default, action);
    Console.WriteLine(string.Join(' ', action.Select(a => a.ToString("R"))));
    return ReportTorch();
}

static int ReportTorch()
{
    Console.WriteLine(File.ReadLines("/proc/self/maps").Any(line => line.EndsWith(".so", StringComparison.Ordinal) && line.Contains("torch", StringComparison.OrdinalIgnoreCase)) ? "torch loaded" : "no torch");
    return 0;
}

static string HashOf(Policy policy)
{
    using var memory = new MemoryStream();
    policy.Save(memory);
    return Convert.ToHexString(SHA256.HashData(memory.ToArray()));
}

internal sealed class Input
{
    public string AgentId { get; set; } = "";

    [VectorType]
    public float[] Observation { get; set; } = [];
}

internal sealed class Output
{
    public float[] Action { get; set; } = [];
}
