using System.Text.Json;

namespace SafeMarl.ML.Training;

/// <summary>Everything about a run but its algorithm and its environments.</summary>
/// <param name="Description">What the run is.</param>
/// <param name="Run">How it is carried out.</param>
/// <param name="Options">The algorithm's options, for the checkpoint's header.</param>
/// <param name="Log">Messages for people.</param>
internal sealed record RunPlan(RunDescription Description, TrainingRun Run, JsonElement Options, ITrainingLog Log);
