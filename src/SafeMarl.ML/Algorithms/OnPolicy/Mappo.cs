using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Files;
using SafeMarl.ML.Losses;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Optimization;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Returns;
using SafeMarl.ML.Threading;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OnPolicy;

/// <summary>
/// MAPPO (Yu et al. 2022) as HARL has it: every agent's policy climbs the clipped surrogate of the same centralised advantage, with one
/// policy for all agents or one each. Costs are not looked at.
/// </summary>
internal sealed class Mappo : IAlgorithm<OnPolicyBatch>
{
    private readonly TaskShape _task;
    private readonly MappoOptions _options;
    private readonly int _threads;
    private readonly long _seed;
    private readonly Placement _placement;
    private readonly Actors _actors;
    private readonly Signals _signals;

    public Mappo(TaskShape task, MappoOptions options, int threads, long seed, Placement placement)
    {
        (_task, _options, _threads, _seed, _placement) = (task, options, threads, seed, placement);
        _actors = new Actors(task, OnPolicySettings.Actors(options, options.ActorLearningRate), seed, placement);
        int samples = options.RolloutSteps * options.Environments;
        _signals = new Signals(task, withCosts: false, OnPolicySettings.Critics(options, options.Epochs, Minibatches.SizeFor(samples, options.Minibatches)), seed, placement);
    }

    public Policy Policy => _actors.Policy;

    public Metrics Update(OnPolicyBatch batch)
    {
        using var scope = NewDisposeScope();

        // 1. Advantages, with the critics as they are.
        Tensor[] seen = _signals.Estimate(batch, _options.Gamma, _options.GaeLambda, _threads);

        // 2. Policies and critics; separate policies share nothing, so each is a piece of work of its own.
        Metrics[] policyMetrics = [.. Groups().Select(_ => new Metrics())];
        var losses = new double[_signals.All.Count];
        ParallelWork.Run(_threads, [.. Groups().Select((agents, i) => (Action)(() => UpdatePolicy(batch, agents, policyMetrics[i]))), .. _signals.Fits(batch, seen, losses)]);

        var metrics = new Metrics();
        foreach (Metrics part in policyMetrics)
            metrics.AddRange(part);
        for (int i = 0; i < losses.Length; i++)
            metrics.Add($"loss/{_signals.All[i].Name}", losses[i]);
        return metrics;
    }

    /// <summary>Which agents learn together: all of them from one set of parameters, or each by itself.</summary>
    private int[][] Groups()
    {
        int[] all = [.. Enumerable.Range(0, _task.Agents.Count)];
        return _options.ShareParameters ? [all] : [.. all.Select(agent => new[] { agent })];
    }

    private void UpdatePolicy(OnPolicyBatch batch, int[] agents, Metrics metrics)
    {
        using var scope = NewDisposeScope();
        // The samples of agents that share a policy follow one another: [agents * N, ...].
        var data = agents.Select(agent => _actors.Data(batch, agent)).ToArray();
        float[] advantages = [.. agents.SelectMany(agent => _signals.Reward(agent).Advantages)];
        Standardization.Apply<float>(advantages);
        float[] logProbs = [.. agents.SelectMany(agent => batch.LogProbs[agent])];
        var samples = new PolicySamples(
            cat([.. data.Select(d => d.Observations)]),
            data[0].Masks is null ? null : cat([.. data.Select(d => d.Masks!)]),
            cat([.. data.Select(d => d.Actions)]),
            _placement.Tensor(logProbs, logProbs.Length),
            _placement.Tensor(advantages, advantages.Length),
            Weights: null);
        long seed = RandomStream.Derive(_seed, Streams.Minibatches, batch.Iteration, Streams.Actors, agents[0]);
        var settings = new ClippedSettings(_options.ClipEpsilon, _options.EntropyCoefficient, _options.Epochs, Minibatches.SizeFor(advantages.Length, _options.Minibatches));
        ClippedUpdate.Result update = ClippedUpdate.Run(_actors[agents[0]], _actors.Optimizer(agents[0]), samples, settings, seed, batch.Steps, _placement);
        string name = agents.Length > 1 ? "all" : _task.Agents[agents[0]].Name;
        metrics.Add($"loss/policy/{name}", update.Loss);
        metrics.Add($"entropy/{name}", update.Entropy);
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
