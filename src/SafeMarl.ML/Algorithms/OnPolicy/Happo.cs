using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Files;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Threading;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OnPolicy;

/// <summary>
/// HAPPO (Kuba et al. 2022): agents take turns on the clipped surrogate of the joint advantage, weighted by how much the agents before have
/// already moved, which makes the team's return rise. Costs are not looked at.
/// </summary>
internal sealed class Happo : IAlgorithm<OnPolicyBatch>
{
    private readonly TaskShape _task;
    private readonly HappoOptions _options;
    private readonly int _threads;
    private readonly long _seed;
    private readonly Placement _placement;
    private readonly Actors _actors;
    private readonly Signals _signals;
    private readonly ClippedSettings _settings;

    public Happo(TaskShape task, HappoOptions options, int threads, long seed, Placement placement)
    {
        (_task, _options, _threads, _seed, _placement) = (task, options, threads, seed, placement);
        int minibatch = Minibatches.SizeFor(options.RolloutSteps * options.Environments, options.Minibatches);
        _settings = new ClippedSettings(options.ClipEpsilon, options.EntropyCoefficient, options.Epochs, minibatch);
        _actors = new Actors(task, OnPolicySettings.Actors(options, options.ActorLearningRate), seed, placement);
        _signals = new Signals(task, withCosts: false, OnPolicySettings.Critics(options, options.Epochs, minibatch), seed, placement);
    }

    public Policy Policy => _actors.Policy;

    public Metrics Update(OnPolicyBatch batch)
    {
        using var scope = NewDisposeScope();

        // 1. Advantages, with the critics as they are.
        Tensor[] seen = _signals.Estimate(batch, _options.Gamma, _options.GaeLambda, _threads);

        // 2. Policies in turn, and every critic beside them: they share nothing.
        var metrics = new Metrics();
        var losses = new double[_signals.All.Count];
        ParallelWork.Run(_threads, [() => UpdatePolicies(batch, metrics), .. _signals.Fits(batch, seen, losses)]);
        _signals.Report(losses, metrics);
        return metrics;
    }

    private void UpdatePolicies(OnPolicyBatch batch, Metrics metrics)
    {
        using var scope = NewDisposeScope();
        Tensor factor = ones([batch.Samples], dtype: _placement.Type, device: _placement.Device); // M [N]
        foreach (int agent in Turns.Order(_task.Agents.Count, _seed, batch.Iteration))
        {
            var (observations, masks, actions) = _actors.Data(batch, agent);
            Tensor before = _actors[agent].Snapshot(observations, masks).LogProb(actions); // [N]
            // M > 0, so it may weigh the advantage inside the clipped surrogate as well as outside.
            var samples = new PolicySamples(
                observations, masks, actions, _placement.Tensor(batch.LogProbs[agent], batch.Samples), factor * _signals.StandardizedReward(agent));
            long seed = RandomStream.Derive(_seed, Streams.Minibatches, batch.Iteration, Streams.Actors, agent);
            ClippedUpdate.Result update = ClippedUpdate.Run(_actors[agent], _actors.Optimizer(agent), samples, _settings, seed, batch.Steps, _placement);
            factor = factor * (_actors[agent].Snapshot(observations, masks).LogProb(actions) - before).exp(); // M <- rho M
            metrics.Add($"loss/policy/{_task.Agents[agent].Name}", update.Loss);
            metrics.Add($"entropy/{_task.Agents[agent].Name}", update.Entropy);
        }
    }

    public void Publish() => _actors.Publish();

    public void Save(TensorFile file)
    {
        _actors.Save(file);
        _signals.Save(file);
    }

    public void Load(TensorFile file)
    {
        _actors.Load(file);
        _signals.Load(file);
    }

    public void Dispose()
    {
        _actors.Dispose();
        _signals.Dispose();
    }
}
