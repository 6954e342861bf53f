using SafeMarl.ML.Buffers;
using SafeMarl.ML.Files;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Threading;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OnPolicy;

/// <summary>
/// IPPO (de Witt et al. 2020): every agent is a PPO of its own, whose critic sees what the agent itself observes. Costs are not looked at.
/// </summary>
internal sealed class Ippo : IAlgorithm<OnPolicyBatch>
{
    private readonly IppoOptions _options;
    private readonly int _threads;
    private readonly Actors _actors;
    private readonly Signals _signals;
    private readonly SimultaneousPolicies _policies;

    public Ippo(TaskShape task, IppoOptions options, int threads, long seed, Placement placement)
    {
        (_options, _threads) = (options, threads);
        int minibatch = Minibatches.SizeFor(options.RolloutSteps * options.Environments, options.Minibatches);
        _actors = new Actors(task, OnPolicySettings.Actors(options, options.ActorLearningRate), seed, placement);
        // The difference from MAPPO: a critic per agent, of its own observations.
        _signals = new Signals(task, withCosts: false, OnPolicySettings.Critics(options, options.Epochs, minibatch), seed, placement, seenBy: agent => [agent]);
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
