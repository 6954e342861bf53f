using SafeMarl.ML.Buffers;
using SafeMarl.ML.Files;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Threading;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OnPolicy;

/// <summary>How simultaneous policies and their critics go through a rollout.</summary>
/// <param name="Gamma">Discount.</param>
/// <param name="GaeLambda">Decay of generalised advantage estimation.</param>
/// <param name="ActorLearningRate">Adam's for policies.</param>
/// <param name="ClipEpsilon">Bound on the ratio's distance from 1.</param>
/// <param name="EntropyCoefficient">Weight of the entropy bonus.</param>
/// <param name="Epochs">Passes over a rollout.</param>
/// <param name="Minibatches">Minibatches that a rollout is cut into.</param>
internal sealed record ProximalSettings(double Gamma, double GaeLambda, double ActorLearningRate, double ClipEpsilon, double EntropyCoefficient, int Epochs, int Minibatches);

/// <summary>
/// MAPPO (Yu et al. 2022) as HARL has it: every agent's policy climbs the clipped surrogate of the same centralised advantage, with one
/// policy for all agents or one each. Costs are not looked at.
/// </summary>
internal sealed class Mappo : IAlgorithm<OnPolicyBatch>
{
    private readonly ProximalSettings _proximal;
    private readonly int _threads;
    private readonly Actors _actors;
    private readonly Signals _signals;
    private readonly SimultaneousPolicies _policies;

    public Mappo(TaskShape task, MappoOptions options, int threads, long seed, Placement placement)
        : this(
            task, options, new ProximalSettings(
                options.Gamma, options.GaeLambda, options.ActorLearningRate, options.ClipEpsilon, options.EntropyCoefficient, options.Epochs, options.Minibatches),
            threads, seed, placement) { }

    /// <param name="task">The task.</param>
    /// <param name="options">What all algorithms of rollouts are told.</param>
    /// <param name="proximal">How policies climb.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="placement">Where everything lives.</param>
    /// <param name="seenBy">Whose observations the critics of an agent see; null: critics see the state.</param>
    public Mappo(TaskShape task, OnPolicyOptions options, ProximalSettings proximal, int threads, long seed, Placement placement, Func<int, int[]>? seenBy = null)
    {
        (_proximal, _threads) = (proximal, threads);
        int minibatch = Minibatches.SizeFor(options.RolloutSteps * options.Environments, proximal.Minibatches);
        _actors = new Actors(task, OnPolicySettings.Actors(options, proximal.ActorLearningRate), seed, placement);
        _signals = new Signals(task, withCosts: false, OnPolicySettings.Critics(options, proximal.Epochs, minibatch), seed, placement, seenBy: seenBy);
        var settings = new ClippedSettings(proximal.ClipEpsilon, proximal.EntropyCoefficient, proximal.Epochs, minibatch);
        _policies = new SimultaneousPolicies(task, _actors, _signals, proximal.Minibatches, settings, seed, placement);
    }

    public Policy Policy => _actors.Policy;

    public Metrics Update(OnPolicyBatch batch)
    {
        using var scope = NewDisposeScope();

        // 1. Advantages, with the critics as they are.
        Tensor[] seen = _signals.Estimate(batch, _proximal.Gamma, _proximal.GaeLambda, _threads);

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
