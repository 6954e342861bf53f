using System.Text.Json;
using SafeMarl.Environments;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Files;

namespace SafeMarl.ML.Training;

/// <summary>The on-policy loop: collect a rollout with the current policy, learn from it, report, keep a checkpoint.</summary>
internal sealed class OnPolicyLoop
{
    private readonly RunDescription _description;
    private readonly TrainingRun _run;
    private readonly JsonElement _options;
    private readonly ITrainingLog _log;
    private readonly VectorEnvironment _vector;
    private readonly IAlgorithm<OnPolicyBatch> _algorithm;
    private readonly RolloutCollector _collector;
    private readonly CheckpointFolder? _checkpoints;
    private readonly BestPolicy? _best;
    private long _iteration, _steps;

    /// <param name="description">What the run is.</param>
    /// <param name="run">How it is carried out.</param>
    /// <param name="options">The algorithm's options, for the checkpoint's header.</param>
    /// <param name="vector">The environments.</param>
    /// <param name="rolloutSteps">T.</param>
    /// <param name="algorithm">Learns.</param>
    /// <param name="log">Messages for people.</param>
    public OnPolicyLoop(
        RunDescription description, TrainingRun run, JsonElement options, VectorEnvironment vector, int rolloutSteps, IAlgorithm<OnPolicyBatch> algorithm, ITrainingLog log)
    {
        (_description, _run, _options, _vector, _algorithm, _log) = (description, run, options, vector, algorithm, log);
        _collector = new RolloutCollector(vector, new RolloutBuffer(RolloutCollector.ShapeOf(vector.Spec), rolloutSteps, vector.Count), description.Seed);
        _checkpoints = run.Folder is null ? null : new CheckpointFolder(run.Folder);
        _best = run.Policy == PolicyChoice.Best ? new BestPolicy(description, [.. vector.Spec.Agents.Select(a => a.Costs.Select(c => c.Name).ToArray())]) : null;
        vector.Warning += (environment, text) => log.Warning($"Environment {environment}: {text}");
    }

    /// <summary>Trains to the end, or until the run is cancelled.</summary>
    public Policy Train()
    {
        using IDisposable? claim = _checkpoints?.Claim();
        Begin();
        using var recorder = new RunRecorder(_description, _vector.Spec, _run, _log, _steps);
        long nextCheckpoint = _steps + _run.CheckpointInterval;
        while (_steps < _description.TotalSteps && !_run.CancellationToken.IsCancellationRequested)
        {
            OnPolicyBatch batch = _collector.Collect(_algorithm.Policy, _iteration, _steps);
            _best?.Consider(_algorithm.Policy, _steps, batch.Episodes);
            Metrics metrics = _algorithm.Update(batch);
            _iteration++;
            _steps = batch.Steps;
            recorder.Record(_iteration, _steps, batch.Episodes, metrics);
            if (_steps >= nextCheckpoint)
            {
                SaveCheckpoint();
                nextCheckpoint = _steps + _run.CheckpointInterval;
            }
        }
        SaveCheckpoint();
        return _best?.Policy ?? _algorithm.Policy.Copy(_description.Origin(_steps));
    }

    private void Begin()
    {
        if (_run.Resume && _checkpoints?.LoadLatest() is { } checkpoint)
        {
            Restore(checkpoint.Header, checkpoint.State);
            _log.Info($"{_description.Algorithm} on {_description.Environment}, seed {_description.Seed}: resumed at {_steps:N0} of {_description.TotalSteps:N0} steps.");
            return;
        }
        _checkpoints?.ThrowIfUsed();
        _vector.Reset(RandomStream.Derive(_description.Seed, Streams.Episodes));
        // The first checkpoint shows before any work is done that there is room for one.
        SaveCheckpoint();
        _log.Info($"{_description.Algorithm} on {_description.Environment}, seed {_description.Seed}: {_description.TotalSteps:N0} steps on {_description.Threads} threads.");
    }

    private void SaveCheckpoint()
    {
        if (_checkpoints is null)
            return;
        var file = new TensorFile();
        _algorithm.Save(file);
        _collector.Episodes.Save(file);
        _best?.Save(file);
        if (_vector.CanRestore)
        {
            using var memory = new MemoryStream();
            using var writer = new BinaryWriter(memory);
            _vector.SaveState(writer);
            file.Add<byte>("environments", memory.ToArray());
        }
        _checkpoints.Save(_description, _options, _iteration, _steps, file);
    }

    private void Restore(CheckpointHeader header, TensorFile file)
    {
        if ((header.Algorithm, header.Task, header.Seed) != (_description.Algorithm, _description.Task, _description.Seed))
        {
            throw new InvalidOptionsException(
                $"The checkpoint in '{_run.Folder}' is of {header.Algorithm} with seed {header.Seed} on {header.Task}. "
                + $"This run is {_description.Algorithm} with seed {_description.Seed} on {_description.Task}.");
        }
        ResumeOptions.ThrowIfChanged(header.Options, _options);
        (_iteration, _steps) = (header.Iteration, header.Steps);
        _algorithm.Load(file);
        _best?.Load(file);
        if (file.Contains("environments"))
        {
            _collector.Episodes.Load(file);
            using var reader = new BinaryReader(new MemoryStream(file.Get<byte>("environments")));
            _vector.RestoreState(reader);
            return;
        }
        _vector.Reset(RandomStream.Derive(_description.Seed, Streams.Episodes, _iteration));
        _log.Warning($"{_description.Environment} cannot restore its state: new episodes begin, and the run continues with other bits than it would have had.");
    }
}
