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
/// MAPPO-Lagrangian (Gu et al. 2021): agents take turns on the clipped surrogate of the joint advantage of the reward minus their own costs'
/// advantages, priced by multipliers.
/// </summary>
/// <remarks>
/// A multiplier per agent and cost, moved once per rollout, with M weighting the reward only and ratios of whole actions;
/// <see cref="MappoLagrangianOptions.Published"/> follows the published code instead.
/// </remarks>
internal sealed class MappoLagrangian : IAlgorithm<OnPolicyBatch>
{
    private readonly TaskShape _task;
    private readonly MappoLagrangianOptions _options;
    private readonly int _threads;
    private readonly long _seed;
    private readonly Placement _placement;
    private readonly Actors _actors;
    private readonly Signals _signals;
    private readonly AgentMultipliers _multipliers;
    private readonly LagrangianSettings _settings;
    private readonly double[][] _excess; // by agent and channel, of the last rollout in which an episode ended

    public MappoLagrangian(TaskShape task, MappoLagrangianOptions options, int threads, long seed, Placement placement)
    {
        (_task, _options, _threads, _seed, _placement) = (task, options, threads, seed, placement);
        PolicySurrogates.ThrowUnlessComparable(task, options.Ratio, options);
        int minibatch = Minibatches.SizeFor(options.RolloutSteps * options.Environments, options.Minibatches);
        _settings = new LagrangianSettings(new ClippedSettings(options.ClipEpsilon, options.EntropyCoefficient, options.Epochs, minibatch), options.Ratio, options.WeighCosts);
        _actors = new Actors(task, OnPolicySettings.Actors(options, options.ActorLearningRate), seed, placement);
        _signals = new Signals(task, withCosts: true, OnPolicySettings.Critics(options, options.Epochs, minibatch, options.PublishedCritics), seed, placement);
        _multipliers = new AgentMultipliers(task, channel => new LagrangeMultiplier(
            options.InitialMultiplier, options.MultiplierLearningRate, options.MaxMultiplier, options.LimitOf(channel), options.ProportionalGain, options.DerivativeGain));
        _excess = [.. task.Agents.Select(a => new double[a.CostChannels.Count])];
    }

    public Policy Policy => _actors.Policy;

    public Metrics Update(OnPolicyBatch batch)
    {
        using var scope = NewDisposeScope();

        // 1. Advantages of the reward and of every cost, with the critics as they are.
        Tensor[] seen = _signals.Estimate(batch, _options.Gamma, _options.GaeLambda, _threads);

        // 2. Multipliers by their own agents' costs, before the policies; or beside them, as published.
        if (_options.Schedule == MultiplierSchedule.Rollout)
            _multipliers.Update(batch);
        else
            MeasureExcess(batch);

        // 3. Policies in turn, and every critic beside them: they share nothing.
        var policyMetrics = new Metrics();
        var losses = new double[_signals.All.Count];
        ParallelWork.Run(_threads, [() => UpdatePolicies(batch, policyMetrics), .. _signals.Fits(batch, seen, losses)]);

        var metrics = new Metrics();
        _multipliers.Report(metrics);
        metrics.AddRange(policyMetrics);
        _signals.Report(losses, metrics);
        return metrics;
    }

    private void MeasureExcess(OnPolicyBatch batch)
    {
        for (int agent = 0; agent < _excess.Length; agent++)
        {
            for (int channel = 0; channel < _excess[agent].Length; channel++)
            {
                if (batch.MeanEpisodeCost(agent, channel) is { } cost)
                    _excess[agent][channel] = cost - _multipliers[agent][channel].Limit;
            }
        }
    }

    private void UpdatePolicies(OnPolicyBatch batch, Metrics metrics)
    {
        using var scope = NewDisposeScope();
        int[] order = Turns.Order(_task.Agents.Count, _seed, batch.Iteration);
        var data = order.ToDictionary(agent => agent, agent => _actors.Data(batch, agent));
        // With shared parameters a turn moves the policies of the agents that come after, so what acted is looked up first.
        var acted = order.ToDictionary(agent => agent, LogProbs);
        int dimensions = _options.Ratio == ActionRatio.Product ? 1 : (int)acted[order[0]].shape[1];

        Tensor factor = ones([batch.Samples, dimensions], dtype: _placement.Type, device: _placement.Device); // M [N, D']
        foreach (int agent in order)
        {
            AgentShape shape = _task.Agents[agent];
            var (observations, masks, actions) = data[agent];
            var samples = new SurrogateSamples(
                observations, masks, actions, acted[agent], factor, _signals.StandardizedReward(agent), [.. shape.CostChannels.Select((_, channel) => _signals.StandardizedCost(agent, channel))]);
            Tensor before = LogProbs(agent);
            ClippedUpdate.Result update = LagrangianUpdate.Run(
                _actors[agent], _actors.Optimizer(agent), samples, () => [.. _multipliers[agent].Select(m => m.Value)], _settings,
                RandomStream.Derive(_seed, Streams.Minibatches, batch.Iteration, Streams.Actors, agent), batch.Steps, _placement,
                _options.Schedule == MultiplierSchedule.Minibatch ? changes => Ascend(_multipliers[agent], _excess[agent], changes, _options.Gamma) : null);
            factor = factor * PolicySurrogates.Ratio(LogProbs(agent), before, _options.Ratio); // M <- rho M
            metrics.Add($"loss/policy/{shape.Name}", update.Loss);
            metrics.Add($"entropy/{shape.Name}", update.Entropy);
        }

        Tensor LogProbs(int agent) => _actors[agent].Snapshot(data[agent].Observations, data[agent].Masks).LogProbs(data[agent].Actions); // [N, D]
    }

    /// <summary>The published step of an agent's multipliers: <c>lambda = max(0, lambda + rate ((J_C - d) (1 - gamma) + E[rho C]))</c>.</summary>
    internal static void Ascend(IReadOnlyList<LagrangeMultiplier> multipliers, double[] excess, double[] changes, double gamma)
    {
        for (int channel = 0; channel < multipliers.Count; channel++)
            multipliers[channel].Ascend(excess[channel] * (1 - gamma) + changes[channel]);
    }

    public void Publish() => _actors.Publish();

    public void Save(TensorFile file)
    {
        _actors.Save(file);
        _signals.Save(file);
        _multipliers.Save(file);
        for (int agent = 0; agent < _excess.Length; agent++)
            file.Add<double>($"excess{agent}", _excess[agent]);
    }

    public void Load(TensorFile file)
    {
        _actors.Load(file);
        _signals.Load(file);
        _multipliers.Load(file);
        for (int agent = 0; agent < _excess.Length; agent++)
            file.Get<double>($"excess{agent}", _excess[agent].Length).CopyTo(_excess[agent], 0);
    }

    public void Dispose()
    {
        _actors.Dispose();
        _signals.Dispose();
    }
}
