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
        _actors = new Actors(task, new ActorSettings(
            options.HiddenSize, options.HiddenLayers, options.Activation, options.InputNorm, options.LayerNorm, options.Std,
            options.ActorLearningRate, options.AdamEpsilon, options.MaxGradientNorm, options.ShareParameters), seed, placement);
        var criticShape = new NetworkShape(task.StateSize, 1, options.HiddenSize, options.HiddenLayers, options.Activation, options.InputNorm, options.LayerNorm);
        int samples = options.RolloutSteps * options.Environments;
        _signals = new Signals(task, withCosts: false, new CriticSettings(
            criticShape, options.CriticLearningRate, options.AdamEpsilon, options.MaxGradientNorm, options.Epochs, MinibatchSize(samples), options.NormalizeValues,
            options.ValueClip, options.HuberDelta), seed, placement);
    }

    public Policy Policy => _actors.Policy;

    public Metrics Update(OnPolicyBatch batch)
    {
        using var scope = NewDisposeScope();

        // 1. Advantages, with the critics as they are.
        Tensor states = _signals.Estimate(batch, _options.Gamma, _options.GaeLambda, _threads); // [N, state]

        // 2. Policies and critics; separate policies share nothing, so each is a piece of work of its own.
        Metrics[] policyMetrics = [.. Turns().Select(_ => new Metrics())];
        var losses = new double[_signals.All.Count];
        ParallelWork.Run(_threads, [.. Turns().Select((agents, i) => (Action)(() => UpdatePolicy(batch, agents, policyMetrics[i]))), .. _signals.Fits(batch, states, losses)]);

        var metrics = new Metrics();
        foreach (Metrics part in policyMetrics)
            metrics.AddRange(part);
        for (int i = 0; i < losses.Length; i++)
            metrics.Add($"loss/{_signals.All[i].Name}", losses[i]);
        return metrics;
    }

    /// <summary>Which agents learn together: all of them from one set of parameters, or each by itself.</summary>
    private int[][] Turns()
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
        PolicyUpdate update = UpdatePolicy(
            _actors[agents[0]], _actors.Optimizer(agents[0]), samples, MinibatchSize(advantages.Length), _options, seed, batch.Steps, _placement);
        string name = agents.Length > 1 ? "all" : _task.Agents[agents[0]].Name;
        metrics.Add($"loss/policy/{name}", update.Loss);
        metrics.Add($"entropy/{name}", update.Entropy);
    }

    /// <summary>What a policy learns from.</summary>
    /// <param name="Observations">[N, observation]</param>
    /// <param name="Masks">[N, n], or null.</param>
    /// <param name="Actions">[N, action]</param>
    /// <param name="OldLogProbs">Log-probability of the actions when they were taken [N].</param>
    /// <param name="Advantages">Standardised [N].</param>
    /// <param name="Weights">0 leaves a sample out [N], or null.</param>
    internal sealed record PolicySamples(Tensor Observations, Tensor? Masks, Tensor Actions, Tensor OldLogProbs, Tensor Advantages, Tensor? Weights)
    {
        public PolicySamples Rows(Tensor index) => new(
            Observations.index_select(0, index), Masks?.index_select(0, index), Actions.index_select(0, index),
            OldLogProbs.index_select(0, index), Advantages.index_select(0, index), Weights?.index_select(0, index));
    }

    /// <summary>Means over the gradient steps of an update.</summary>
    internal sealed record PolicyUpdate(double Loss, double Entropy);

    /// <summary>Epochs of minibatches down the clipped surrogate with an entropy bonus.</summary>
    internal static PolicyUpdate UpdatePolicy(
        Actor actor, GradientDescent optimizer, PolicySamples samples, int minibatchSize, MappoOptions options, long seed, long steps, Placement placement)
    {
        var random = new RandomStream(seed);
        var minibatches = new Minibatches((int)samples.Advantages.shape[0], minibatchSize);
        double loss = 0, entropy = 0;
        for (int epoch = 0; epoch < options.Epochs; epoch++)
        {
            minibatches.Shuffle(ref random);
            for (int i = 0; i < minibatches.Count; i++)
            {
                using var scope = NewDisposeScope();
                PolicySamples rows = samples.Rows(placement.Index(minibatches[i]));
                (Tensor policyLoss, Tensor meanEntropy) = Loss(actor, rows, options.ClipEpsilon);
                loss += optimizer.Step(policyLoss - meanEntropy * options.EntropyCoefficient, steps).Loss;
                entropy += meanEntropy.ToDouble();
            }
        }
        int count = options.Epochs * minibatches.Count;
        return new PolicyUpdate(loss / count, entropy / count);
    }

    /// <summary>The clipped surrogate and the entropy, each averaged over the samples that count.</summary>
    internal static (Tensor PolicyLoss, Tensor Entropy) Loss(Actor actor, PolicySamples rows, double clip)
    {
        IDistribution policy = actor.Distribution(rows.Observations, rows.Masks);
        Tensor ratio = (policy.LogProb(rows.Actions) - rows.OldLogProbs).exp(); // [B]
        return (WeightedMean.Of(ClippedSurrogate.PerSample(ratio, rows.Advantages, clip), rows.Weights), WeightedMean.Of(policy.Entropy(), rows.Weights));
    }

    private int MinibatchSize(int samples) => (samples + _options.Minibatches - 1) / _options.Minibatches;

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
