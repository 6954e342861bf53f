using SafeMarl.Environments;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Files;

namespace SafeMarl.ML.Training;

/// <summary>What every loop does around its iterations: it begins a run or takes it up again, reports, keeps checkpoints and ends it.</summary>
internal sealed class RunSession : IDisposable
{
    private readonly RunPlan _plan;
    private readonly VectorEnvironment _vector;
    private readonly Collector _collector;
    private readonly ICheckpointed[] _learned;
    private readonly CheckpointFolder? _checkpoints;
    private readonly BestPolicy? _best;
    private readonly IDisposable? _claim;
    private readonly RunRecorder _recorder;
    private long _nextCheckpoint;

    /// <summary>Begins the run, or takes it up from its newest checkpoint.</summary>
    /// <param name="plan">What the run is and who watches it.</param>
    /// <param name="vector">The environments.</param>
    /// <param name="collector">Steps them.</param>
    /// <param name="learned">Everything that goes into a checkpoint beside the environments.</param>
    public RunSession(RunPlan plan, VectorEnvironment vector, Collector collector, ICheckpointed[] learned)
    {
        (_plan, _vector, _collector, _learned) = (plan, vector, collector, learned);
        _checkpoints = Run.Folder is null ? null : new CheckpointFolder(Run.Folder);
        _best = Run.Policy == PolicyChoice.Best ? new BestPolicy(Description, [.. vector.Spec.Agents.Select(a => a.Costs.Select(c => c.Name).ToArray())]) : null;
        vector.Warning += Warn;
        _claim = _checkpoints?.Claim();
        try
        {
            Begin();
        }
        catch
        {
            _claim?.Dispose();
            throw;
        }
        _recorder = new RunRecorder(plan, vector.Spec, Steps);
        _nextCheckpoint = Steps + Run.CheckpointInterval;
    }

    private RunDescription Description => _plan.Description;

    private TrainingRun Run => _plan.Run;

    /// <summary>Iterations so far.</summary>
    public long Iteration { get; private set; }

    /// <summary>Environment steps so far.</summary>
    public long Steps { get; private set; }

    /// <summary>Whether there is more to do.</summary>
    public bool Continues => Steps < Description.TotalSteps && !Run.CancellationToken.IsCancellationRequested;

    /// <summary>Ends an iteration: reports it, and keeps a checkpoint when one is due.</summary>
    /// <param name="steps">Environment steps so far.</param>
    /// <param name="episodes">Episodes that ended in it.</param>
    /// <param name="metrics">What the algorithm says of it.</param>
    public void EndIteration(long steps, IReadOnlyList<EpisodeSummary> episodes, Metrics metrics)
    {
        Iteration++;
        Steps = steps;
        _recorder.Record(Iteration, steps, episodes, metrics);
        if (steps < _nextCheckpoint)
            return;
        SaveCheckpoint();
        _nextCheckpoint = steps + Run.CheckpointInterval;
    }

    /// <summary>Considers the policy that acted in an iteration for the best one; to be called before it is published anew.</summary>
    public void Consider(Policy acted, IReadOnlyList<EpisodeSummary> episodes) => _best?.Consider(acted, Steps, episodes);

    /// <summary>Ends the run with a checkpoint.</summary>
    /// <param name="last">The policy after the last update.</param>
    /// <returns>The policy that the run gives back.</returns>
    public Policy End(Policy last)
    {
        SaveCheckpoint();
        return _best?.Policy ?? last.Copy(Description.Origin(Steps));
    }

    private void Begin()
    {
        if (Run.Resume && _checkpoints?.LoadLatest() is { } checkpoint)
        {
            Restore(checkpoint.Header, checkpoint.State);
            _plan.Log.Info($"{Description.Algorithm} on {Description.Environment}, seed {Description.Seed}: resumed at {Steps:N0} of {Description.TotalSteps:N0} steps.");
            return;
        }
        _checkpoints?.ThrowIfUsed();
        _vector.Reset(RandomStream.Derive(Description.Seed, Streams.Episodes));
        // The first checkpoint shows before any work is done that there is room for one.
        SaveCheckpoint();
        _plan.Log.Info($"{Description.Algorithm} on {Description.Environment}, seed {Description.Seed}: {Description.TotalSteps:N0} steps on {Description.Threads} threads.");
    }

    private void SaveCheckpoint()
    {
        if (_checkpoints is null)
            return;
        var file = new TensorFile();
        foreach (ICheckpointed part in _learned)
            part.Save(file);
        _best?.Save(file);
        if (_vector.CanRestore)
        {
            _collector.Save(file);
            using var memory = new MemoryStream();
            using var writer = new BinaryWriter(memory);
            _vector.SaveState(writer);
            file.Add<byte>("environments", memory.ToArray());
        }
        _checkpoints.Save(Description, _plan.Options, Iteration, Steps, file);
    }

    private void Restore(CheckpointHeader header, TensorFile file)
    {
        if ((header.Algorithm, header.Task, header.Seed) != (Description.Algorithm, Description.Task, Description.Seed))
        {
            throw new InvalidOptionsException(
                $"The checkpoint in '{Run.Folder}' is of {header.Algorithm} with seed {header.Seed} on {header.Task}. "
                + $"This run is {Description.Algorithm} with seed {Description.Seed} on {Description.Task}.");
        }
        ResumeOptions.ThrowIfChanged(header.Options, _plan.Options);
        (Iteration, Steps) = (header.Iteration, header.Steps);
        foreach (ICheckpointed part in _learned)
            part.Load(file);
        _best?.Load(file);
        if (file.Contains("environments"))
        {
            _collector.Load(file);
            using var reader = new BinaryReader(new MemoryStream(file.Get<byte>("environments")));
            _vector.RestoreState(reader);
            return;
        }
        _vector.Reset(RandomStream.Derive(Description.Seed, Streams.Episodes, Iteration));
        _collector.Interrupt();
        _plan.Log.Warning($"{Description.Environment} cannot restore its state: new episodes begin, and the run continues with other bits than it would have had.");
    }

    private void Warn(int environment, string text) => _plan.Log.Warning($"Environment {environment}: {text}");

    public void Dispose()
    {
        _vector.Warning -= Warn;
        _recorder.Dispose();
        _claim?.Dispose();
    }
}
