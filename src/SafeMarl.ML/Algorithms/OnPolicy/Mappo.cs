using SafeMarl.ML.Buffers;
using SafeMarl.ML.Files;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Threading;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OnPolicy;

/// <summary>
/// MAPPO (Yu et al. 2022) as HARL has it: every agent's policy climbs the clipped surrogate of the same centralised advantage, with one
/// policy for all agents or one each. Costs are not looked at.
/// </summary>
internal sealed class Mappo : IAlgorithm<OnPolicyBatch>
{
    private readonly MappoOptions _options;
    private readonly int _threads;
    private readonly Actors _actors;
    private readonly Signals _signals;
    private readonly SimultaneousPolicies _policies;

    public Mappo(TaskShape task, MappoOptions options, int threads, long seed, Placement placement)
    {
        (_options, _threads) = (options, threads);
        int minibatch = Minibatches.SizeFor(options.RolloutSteps * options.Environments, options.Minibatches);
        _actors = new Actors(task, OnPolicySettings.Actors(options, options.ActorLearningRate), seed, placement);
        _signals = new Signals(task, withCosts: false, OnPolicySettings.Critics(options, options.Epochs, minibatch), seed, placement);
        var settings = new ClippedSettings(options.ClipEpsilon, options.EntropyCoefficient, options.Epochs, minibatch);
        _policies = new SimultaneousPolicies(task, _actors, _signals, options.Minibatches, settings, seed, placement);
    }

    public Policy Policy => _actors.Policy;

    public Metrics Update(OnPolicyBatch batch)
    {
        using var scope = NewDisposeScope();

        // 1. Advantages, with the critics as they are.
        Tensor[] seen = _signals.Estimate(batch, _options.Gamma, _options.GaeLambda, _threads);

        // 2. Policies and critics; separate policies share nothing, so each is a piece of work of its own.
        Metrics[] policyMetrics = [.. Enumerable.Range(0, _policies.Count).Select(_ => new Metrics())];
        var losses = new double[_signals.All.Count];
        ParallelWork.Run(_threads, [.. _policies.Updates(batch, policyMetrics), .. _signals.Fits(batch, seen, losses)]);

        var metrics = new Metrics();
        foreach (Metrics part in policyMetrics)
            metrics.AddRange(part);
        _signals.Report(losses, metrics);
        return metrics;
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
