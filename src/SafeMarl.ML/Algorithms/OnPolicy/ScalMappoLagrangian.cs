using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Constraints;
using SafeMarl.ML.Files;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Threading;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OnPolicy;

/// <summary>
/// Scal-MAPPO-Lagrangian: MAPPO-Lagrangian whose agents look no further than their neighbourhood. Critics of an agent see the observations of
/// the agents within kappa steps of the communication graph, and its factor M is the product of the ratios of those of them that have moved.
/// </summary>
/// <remarks>A reconstruction: neither the method's code nor its full text was to be had, only what it is said to do.</remarks>
internal sealed class ScalMappoLagrangian : IAlgorithm<OnPolicyBatch>
{
    private readonly TaskShape _task;
    private readonly ScalMappoLagrangianOptions _options;
    private readonly int _threads;
    private readonly long _seed;
    private readonly Placement _placement;
    private readonly Actors _actors;
    private readonly Signals _signals;
    private readonly AgentMultipliers _multipliers;
    private readonly LagrangianSettings _settings;
    private readonly int[][] _neighborhoods;

    public ScalMappoLagrangian(TaskShape task, ScalMappoLagrangianOptions options, int threads, long seed, Placement placement)
    {
        (_task, _options, _threads, _seed, _placement) = (task, options, threads, seed, placement);
        _neighborhoods = [.. task.Agents.Select((_, agent) => task.Neighborhood(agent, options.NeighborhoodSize))];
        int minibatch = Minibatches.SizeFor(options.RolloutSteps * options.Environments, options.Minibatches);
        _settings = new LagrangianSettings(new ClippedSettings(options.ClipEpsilon, options.EntropyCoefficient, options.Epochs, minibatch), ActionRatio.Product, WeighCosts: false);
        _actors = new Actors(task, OnPolicySettings.Actors(options, options.ActorLearningRate), seed, placement);
        _signals = new Signals(task, withCosts: true, OnPolicySettings.Critics(options, options.Epochs, minibatch), seed, placement, seenBy: agent => _neighborhoods[agent]);
        _multipliers = new AgentMultipliers(task, channel => new LagrangeMultiplier(
            options.InitialMultiplier, options.MultiplierLearningRate, options.MaxMultiplier, options.LimitOf(channel), options.ProportionalGain, options.DerivativeGain));
    }

    public Policy Policy => _actors.Policy;

    public Metrics Update(OnPolicyBatch batch)
    {
        using var scope = NewDisposeScope();

        // 1. Advantages of the reward and of every cost, as the neighbourhoods see them.
        Tensor[] seen = _signals.Estimate(batch, _options.Gamma, _options.GaeLambda, _threads);

        // 2. Multipliers by their own agents' costs, before the policies.
        var metrics = new Metrics();
        _multipliers.Update(batch);
        _multipliers.Report(metrics);

        // 3. Policies in turn, and every critic beside them: they share nothing.
        var policyMetrics = new Metrics();
        var losses = new double[_signals.All.Count];
        ParallelWork.Run(_threads, [() => UpdatePolicies(batch, policyMetrics), .. _signals.Fits(batch, seen, losses)]);
        metrics.AddRange(policyMetrics);
        _signals.Report(losses, metrics);
        return metrics;
    }

    private void UpdatePolicies(OnPolicyBatch batch, Metrics metrics)
    {
        using var scope = NewDisposeScope();
        var ratios = new Tensor?[_task.Agents.Count]; // rho [N, 1] of the agents that have moved
        int[] order = Turns.Order(_task.Agents.Count, _seed, batch.Iteration);
        var data = order.ToDictionary(agent => agent, agent => _actors.Data(batch, agent));
        // With shared parameters a turn moves the policies of the agents that come after, so what acted is looked up first.
        var acted = order.ToDictionary(agent => agent, LogProbs);
        foreach (int agent in order)
        {
            AgentShape shape = _task.Agents[agent];
            var (observations, masks, actions) = data[agent];
            var samples = new SurrogateSamples(
                observations, masks, actions, acted[agent], Factor(ratios, _neighborhoods[agent], batch.Samples), _signals.StandardizedReward(agent),
                [.. shape.CostChannels.Select((_, channel) => _signals.StandardizedCost(agent, channel))]);
            Tensor before = LogProbs(agent);
            ClippedUpdate.Result update = LagrangianUpdate.Run(
                _actors[agent], _actors.Optimizer(agent), samples, () => [.. _multipliers[agent].Select(m => m.Value)], _settings,
                RandomStream.Derive(_seed, Streams.Minibatches, batch.Iteration, Streams.Actors, agent), batch.Steps, _placement);
            ratios[agent] = PolicySurrogates.Ratio(LogProbs(agent), before, ActionRatio.Product);
            metrics.Add($"loss/policy/{shape.Name}", update.Loss);
            metrics.Add($"entropy/{shape.Name}", update.Entropy);
        }

        Tensor LogProbs(int agent) => _actors[agent].Snapshot(data[agent].Observations, data[agent].Masks).LogProbs(data[agent].Actions); // [N, D]
    }

    // M [N, 1]
    private Tensor Factor(Tensor?[] ratios, int[] neighborhood, int samples)
    {
        Tensor factor = ones([samples, 1], dtype: _placement.Type, device: _placement.Device);
        foreach (int neighbor in neighborhood)
        {
            if (ratios[neighbor] is { } ratio)
                factor = factor * ratio;
        }
        return factor;
    }

    public void Publish() => _actors.Publish();

    public void Save(TensorFile file)
    {
        _actors.Save(file);
        _signals.Save(file);
        _multipliers.Save(file);
    }

    public void Load(TensorFile file)
    {
        _actors.Load(file);
        _signals.Load(file);
        _multipliers.Load(file);
    }

    public void Dispose()
    {
        _actors.Dispose();
        _signals.Dispose();
    }
}
