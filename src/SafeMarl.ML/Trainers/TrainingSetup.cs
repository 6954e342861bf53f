using System.Text.Json;
using SafeMarl.Environments;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Training;

namespace SafeMarl.ML.Trainers;

/// <summary>What a trainer hands to its algorithm's loop.</summary>
internal sealed record TrainingSetup(
    string Algorithm, Func<IMultiAgentEnvironment> Environment, TrainingRun Run, JsonElement Options, long TotalSteps, int Seed, int Threads, Placement Placement, ITrainingLog Log)
{
    /// <summary>What the run is, for a task and the limits that the algorithm keeps.</summary>
    public RunDescription Describe(EnvironmentSpec spec, IReadOnlyDictionary<string, double> costLimits) => new(Algorithm, spec.Name, Seed, TotalSteps, Threads, costLimits);
}
