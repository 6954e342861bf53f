using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.ML;

namespace SafeMarl.Cli;

/// <summary>A policy from a run's folder, an ML.NET model or a policy file, and the task that it was trained on.</summary>
internal sealed record StoredPolicy(PolicyTransformer Policy, RunDescription? Run)
{
    public static StoredPolicy Load(MLContext mlContext, string path)
    {
        bool isRun = Directory.Exists(path);
        return new StoredPolicy(mlContext.SafeMarl().LoadPolicy(isRun ? Path.Combine(path, TrainCommand.ModelFile) : path), isRun ? RunDescription.Load(path) : null);
    }

    /// <summary>A factory for a task by name, or for the one that it was trained on.</summary>
    /// <param name="name">Null: the one that it was trained on, with the options of its run where that is known.</param>
    /// <param name="options">Options that are to differ, NAME=VALUE.</param>
    public Func<IMultiAgentEnvironment> CreateTask(string? name, string[] options) => Run is not null && name is null
        ? Run.CreateTask(options)
        : Tasks.Find(name ?? Policy.Policy.Origin.Environment).Create(Settings.Read(null, options));
}
