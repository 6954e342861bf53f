using System.Text.Json;
using SafeMarl.Environments;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Training;

namespace SafeMarl.ML.Trainers;

/// <summary>What a trainer hands to its algorithm's loop.</summary>
internal sealed record TrainingSetup(
    string Algorithm, Func<IMultiAgentEnvironment> Environment, TrainingRun Run, JsonElement Options, long TotalSteps, int Seed, int Threads, Placement Placement, ITrainingLog Log)
{
    /// <summary>Threads that step environments while another one learns.</summary>
    public int CollectingThreads => Math.Max(1, Threads - 1);

    /// <summary>The run on a task, with the limits that the algorithm keeps. Says what will not work before anything is made.</summary>
    /// <param name="spec">The task.</param>
    /// <param name="inputNorm">Whether observations and states are normalised over their own entries.</param>
    /// <param name="costLimits">Limits by cost channel.</param>
    /// <exception cref="SafeMarlException">The task is larger than a policy file can describe.</exception>
    public RunPlan Plan(EnvironmentSpec spec, bool inputNorm, IReadOnlyDictionary<string, double> costLimits)
    {
        PolicyManifest.ThrowIfTooLarge([.. spec.Agents.Select(a => (a.Name, Math.Max(a.ObservationSize, Math.Max(a.ActionSpace.Size, a.ActionSpace.Count))))]);
        if (inputNorm && spec.Agents.FirstOrDefault(a => a.ObservationSize <= 2) is { } agent)
        {
            Log.Warning($"'{agent.Name}' observes {agent.ObservationSize} numbers, and InputNorm, a LayerNorm over them, leaves "
                + $"{(agent.ObservationSize == 1 ? "nothing of a single one" : "only which of two is larger")}; set InputNorm to false.");
        }
        return new RunPlan(new RunDescription(Algorithm, spec.Name, spec.ToString(), Seed, TotalSteps, Threads, costLimits), Run, Options, Log);
    }
}
