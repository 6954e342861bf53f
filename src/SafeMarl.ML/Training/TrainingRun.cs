using SafeMarl.ML.Training;

namespace SafeMarl.ML;

/// <summary>Which policy a training run gives back.</summary>
public enum PolicyChoice
{
    /// <summary>The policy after the last update.</summary>
    Last,

    /// <summary>
    /// The policy whose own training episodes were best: those that kept every limit before those that did not, then by return, or by the
    /// excess over the limits. Lucky rollouts are chosen too; evaluate on fresh episodes.
    /// </summary>
    Best,
}

/// <summary>How a training run is carried out: where it is kept, who watches it, and what stops it. Nothing here changes what is learned.</summary>
public sealed record TrainingRun
{
    /// <summary>
    /// Folder for checkpoints, made when it does not exist; null: nothing is written. A folder with the checkpoints of an earlier run is
    /// refused unless <see cref="Resume"/> is set.
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>
    /// Whether to continue from the newest checkpoint in <see cref="Folder"/>; without one the run begins anew. The options must be those that
    /// the run was begun with, but for <see cref="TrainingOptions.TotalSteps"/>, <see cref="TrainingOptions.WorkerThreads"/> and <see cref="TrainingOptions.Device"/>.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>Environment steps between checkpoints; one is always written at the beginning and at the end.</summary>
    public long CheckpointInterval { get; init; } = 500_000;

    /// <summary>Which policy is given back, also when the run is cancelled.</summary>
    public PolicyChoice Policy { get; init; }

    /// <summary>Told after every iteration.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Told after every iteration, on the training thread.</summary>
    public IReadOnlyList<IMetricSink> Sinks { get; init; } = [];

    /// <summary>Stops the run after the current iteration, with a checkpoint; the policy so far is given back.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Clock of speeds and remaining times.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Environment steps of the newest checkpoint in a run folder; null when there is none.</summary>
    /// <exception cref="CorruptFileException">The checkpoint is damaged.</exception>
    public static long? LatestCheckpoint(string folder) => new CheckpointFolder(folder).LoadLatest()?.Header.Steps;
}
