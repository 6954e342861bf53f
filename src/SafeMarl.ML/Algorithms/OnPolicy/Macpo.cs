using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Constraints;
using SafeMarl.ML.Files;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Optimization;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Returns;
using SafeMarl.ML.Threading;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OnPolicy;

/// <summary>
/// MACPO (Gu et al. 2021): agents take turns, each stepping to the best policy of a trust region that keeps its own costs under their limits,
/// as far as both can be linearised.
/// </summary>
/// <remarks>
/// The paper and its code differ, and this follows the paper: the divergence is a divergence, the ratio is that of whole actions, M weights
/// the reward only, and costs and their advantages have the same units. <see cref="MacpoOptions.Published"/> follows the code.
/// </remarks>
internal sealed class Macpo : IAlgorithm<OnPolicyBatch>
{
    private const double ResidualTolerance = 1e-10; // MACPO

    private readonly TaskShape _task;
    private readonly MacpoOptions _options;
    private readonly int _threads;
    private readonly long _seed;
    private readonly Placement _placement;
    private readonly Actors _actors;
    private readonly Signals _signals;
    private readonly double[][] _excess; // by agent and channel, in cost per step or as published

    public Macpo(TaskShape task, MacpoOptions options, int threads, long seed, Placement placement)
    {
        (_task, _options, _threads, _seed, _placement) = (task, options, threads, seed, placement);
        PolicySurrogates.ThrowUnlessComparable(task, options.Ratio, options);
        _actors = new Actors(task, OnPolicySettings.Actors(options, learningRate: null), seed, placement);
        int samples = options.RolloutSteps * options.Environments;
        _signals = new Signals(task, withCosts: true, OnPolicySettings.Critics(options, options.CriticEpochs, Minibatches.SizeFor(samples, options.CriticMinibatches), options.PublishedCritics), seed, placement);
        _excess = [.. task.Agents.Select(a => new double[a.CostChannels.Count])];
    }

    public Policy Policy => _actors.Policy;

    public Metrics Update(OnPolicyBatch batch)
    {
        using var scope = NewDisposeScope();

        // 1. Advantages of the reward and of every cost, with the critics as they are.
        Tensor[] seen = _signals.Estimate(batch, _options.Gamma, _options.GaeLambda, _threads);

        // 2. How far every cost is from its limit.
        MeasureExcess(batch);

        // 3. Policies in turn, and every critic beside them: they share nothing.
        var metrics = new Metrics();
        var losses = new double[_signals.All.Count];
        ParallelWork.Run(_threads, [() => UpdatePolicies(batch, metrics), .. _signals.Fits(batch, seen, losses)]);
        _signals.Report(losses, metrics);
        return metrics;
    }

    // Without a finished episode nothing new is known, and what was known stays; at first, that a cost is at its limit.
    private void MeasureExcess(OnPolicyBatch batch)
    {
        if (batch.Episodes.Count == 0)
            return;
        double length = batch.Episodes.Average(e => e.Length);
        for (int agent = 0; agent < _excess.Length; agent++)
        {
            for (int channel = 0; channel < _excess[agent].Length; channel++)
            {
                string name = _task.Agents[agent].CostChannels[channel];
                double limit = _options.LimitOf(name);
                _excess[agent][channel] = _options.Units == ConstraintUnits.CostPerStep
                    ? (batch.MeanEpisodeCost(agent, channel)!.Value - limit) / length
                    : (TeamCost(batch, name) - limit) * (1 - _options.Gamma);
            }
        }
    }

    private double TeamCost(OnPolicyBatch batch, string channel) => _task.Agents
        .Select((agent, a) => (Agent: a, Channel: agent.CostChannels.ToList().IndexOf(channel))).Where(c => c.Channel >= 0)
        .Average(c => batch.MeanEpisodeCost(c.Agent, c.Channel)!.Value);

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
            var (observations, masks, actions) = data[agent];
            Signal[] costs = [.. _task.Agents[agent].CostChannels.Select((_, channel) => _signals.Cost(agent, channel))];
            var samples = new SurrogateSamples(
                observations, masks, actions, acted[agent], factor, _signals.StandardizedReward(agent), [.. costs.Select((_, channel) => _signals.StandardizedCost(agent, channel))]);
            double[] excess = [.. costs.Select((cost, k) => _options.Units == ConstraintUnits.CostPerStep
                ? _excess[agent][k] / (Standardization.Deviation<float>(cost.Advantages) + Standardization.Epsilon) : _excess[agent][k])];

            Tensor before = LogProbs(agent);
            var random = new RandomStream(RandomStream.Derive(_seed, Streams.Minibatches, batch.Iteration, Streams.Actors, agent));
            var minibatches = new Minibatches(batch.Samples, Minibatches.SizeFor(batch.Samples, _options.Minibatches));
            minibatches.Shuffle(ref random);
            var means = new MetricsMean();
            for (int i = 0; i < minibatches.Count; i++)
            {
                using var step = NewDisposeScope();
                SurrogateSamples rows = minibatches.Count == 1 ? samples : samples.Rows(_placement.Index(minibatches[i]));
                means.Add(Report(agent, Step(_actors[agent], rows, excess, _options, _threads, batch.Steps, _task.Agents[agent].Name)));
            }
            factor = factor * PolicySurrogates.Ratio(LogProbs(agent), before, _options.Ratio); // M <- rho M
            metrics.AddRange(means.ToMetrics());
        }

        Tensor LogProbs(int agent) => _actors[agent].Snapshot(data[agent].Observations, data[agent].Masks).LogProbs(data[agent].Actions); // [N, D]
    }

    private Metrics Report(int agent, PolicyStep step)
    {
        AgentShape shape = _task.Agents[agent];
        var metrics = new Metrics
        {
            { $"loss/policy/{shape.Name}", step.RewardLoss }, { $"kl/{shape.Name}", step.Divergence }, { $"case/{shape.Name}", (int)step.Constraints.Case },
            { $"accepted/{shape.Name}", step.Trial is null ? 0 : 1 },
        };
        for (int channel = 0; channel < shape.CostChannels.Count; channel++)
            metrics.Add($"{MetricNames.Multiplier}/{shape.Name}/{shape.CostChannels[channel]}", step.Constraints.Nu[channel]);
        return metrics;
    }

    /// <summary>What a step came to.</summary>
    /// <param name="Constraints">What the constraints allow, and the multipliers.</param>
    /// <param name="Direction">x [P]; the parameters move by -x.</param>
    /// <param name="Trial">Which fraction was accepted; null: none.</param>
    /// <param name="RewardLoss">Reward loss before the step.</param>
    /// <param name="Divergence">Mean divergence at the last fraction that was tried.</param>
    internal sealed record PolicyStep(ConstrainedStep Constraints, Tensor Direction, int? Trial, double RewardLoss, double Divergence);

    /// <summary>One agent's step on a minibatch.</summary>
    /// <param name="actor">Moves.</param>
    /// <param name="samples">The minibatch [B, ...].</param>
    /// <param name="excess">c: how far each cost is over its limit, in the units of its advantages.</param>
    /// <param name="options">The options.</param>
    /// <param name="threads">Threads to work on.</param>
    /// <param name="steps">Environment steps so far, for errors.</param>
    /// <param name="agent">Whose policy it is, for errors.</param>
    internal static PolicyStep Step(Actor actor, SurrogateSamples samples, double[] excess, MacpoOptions options, int threads, long steps, string agent)
    {
        var parameters = new FlatParameters(actor);
        double[] before;
        Tensor g;
        Tensor[] b;
        using (enable_grad())
        {
            // 4. Losses of the reward and of the costs, and their gradients.
            Tensor[] losses = Losses(actor.Distribution(samples.Observations, samples.Masks), samples, options);
            before = [.. losses.Select(l => l.ToDouble())];
            if (before.Any(loss => !double.IsFinite(loss)))
                throw new NonFiniteException(agent, "policy loss", steps);
            Tensor[] gradients = [.. losses.Select(loss => parameters.Gradient(loss))];
            (g, b) = (gradients[0], gradients[1..]);
        }

        // 5. Their products with the inverse curvature of the divergence.
        using var curvature = new CurvatureProduct(parameters, PolicySurrogates.Divergence(actor, samples, options.Divergence), options.Damping, threads);
        Tensor Solve(Tensor vector) => ConjugateGradient.Solve(curvature.Apply, vector, options.ConjugateGradientIterations, ResidualTolerance);
        Tensor u = Solve(g);
        Tensor[] w = [.. b.Select(Solve)];

        // 6, 7. What the constraints allow, and the multipliers.
        var s = new double[b.Length, b.Length];
        for (int j = 0; j < b.Length; j++)
        {
            for (int k = j; k < b.Length; k++)
                s[j, k] = s[k, j] = b[j].Dot(w[k]);
        }
        ConstrainedStep constraints = ConstrainedStep.Solve(
            g.Dot(u), [.. w.Select(g.Dot)], s, excess, [.. b.Select(gradient => gradient.Dot(gradient))], options.KlThreshold);

        // 8. The step: x = (H^-1 g + sum_k nu_k H^-1 b_k) / lambda, or the costs' part alone where they must be recovered first.
        Tensor x = constraints.Case == StepCase.Recovery ? zeros_like(u) : u;
        for (int k = 0; k < w.Length; k++)
            x = x + w[k] * constraints.Nu[k];
        if (constraints.Case != StepCase.Recovery)
            x = x / constraints.Lambda;
        double norm = Math.Sqrt(x.Dot(x));
        if (!double.IsFinite(norm))
            throw new NonFiniteException(agent, "policy step", steps);
        if (options.MaxStepNorm is { } bound && norm > bound)
            x = x * (bound / norm);

        // 9. The largest fraction of it that does what it promises: the reward must rise where no cost is over its limit.
        IDistribution old = actor.Snapshot(samples.Observations, samples.Masks);
        double divergence = 0;
        bool mustRise = constraints.Case is StepCase.Reachable or StepCase.Inactive or StepCase.Unconstrained;
        int? trial = BacktrackingSearch.Run(parameters, -x, options.StepFraction, options.LineSearchDecay, options.LineSearchSteps, _ =>
        {
            using var scope = NewDisposeScope();
            using var guard = no_grad();
            IDistribution moved = actor.Snapshot(samples.Observations, samples.Masks);
            divergence = old.Divergence(moved, options.Divergence).mean().ToDouble();
            double[] after = [.. Losses(moved, samples, options).Select(l => l.ToDouble())];
            return divergence < options.KlThreshold && (!mustRise || after[0] < before[0])
                && excess.Select((c, k) => after[k + 1] - before[k + 1] <= Math.Max(-c, 0)).All(kept => kept);
        });
        return new PolicyStep(constraints, x, trial, before[0], divergence);
    }

    /// <summary>The loss of the reward, then of each cost.</summary>
    internal static Tensor[] Losses(IDistribution policy, SurrogateSamples samples, MacpoOptions options)
    {
        Tensor ratio = PolicySurrogates.Ratio(policy.LogProbs(samples.Actions), samples.OldLogProbs, options.Ratio);
        return [
            -PolicySurrogates.Mean(ratio, samples.Factor, samples.Reward, samples.Weights),
            .. samples.Costs.Select(cost => PolicySurrogates.Mean(ratio, options.WeighCosts ? samples.Factor : null, cost, samples.Weights)),
        ];
    }

    public void Publish() => _actors.Publish();

    public void Save(TensorFile file)
    {
        _actors.Save(file);
        _signals.Save(file);
        for (int agent = 0; agent < _excess.Length; agent++)
            file.Add<double>($"excess{agent}", _excess[agent]);
    }

    public void Load(TensorFile file)
    {
        _actors.Load(file);
        _signals.Load(file);
        for (int agent = 0; agent < _excess.Length; agent++)
            file.Get<double>($"excess{agent}", _excess[agent].Length).CopyTo(_excess[agent], 0);
    }

    public void Dispose()
    {
        _actors.Dispose();
        _signals.Dispose();
    }
}
