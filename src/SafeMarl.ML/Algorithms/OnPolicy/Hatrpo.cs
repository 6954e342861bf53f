using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Files;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Optimization;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Threading;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OnPolicy;

/// <summary>
/// HATRPO (Kuba et al. 2022): agents take turns in steps of a trust region on the joint advantage, weighted by how much the agents before have
/// already moved. Costs are not looked at.
/// </summary>
/// <remarks>HARL's divergence of discrete policies is not one (it leaves the probabilities out of the mean); this is KL(old || new).</remarks>
internal sealed class Hatrpo : IAlgorithm<OnPolicyBatch>
{
    private const double ResidualTolerance = 1e-10; // HARL

    private readonly TaskShape _task;
    private readonly HatrpoOptions _options;
    private readonly int _threads;
    private readonly long _seed;
    private readonly Placement _placement;
    private readonly Actors _actors;
    private readonly Signals _signals;

    public Hatrpo(TaskShape task, HatrpoOptions options, int threads, long seed, Placement placement)
    {
        (_task, _options, _threads, _seed, _placement) = (task, options, threads, seed, placement);
        int minibatch = Minibatches.SizeFor(options.RolloutSteps * options.Environments, options.CriticMinibatches);
        _actors = new Actors(task, OnPolicySettings.Actors(options, learningRate: null), seed, placement);
        _signals = new Signals(task, withCosts: false, OnPolicySettings.Critics(options, options.CriticEpochs, minibatch), seed, placement);
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
        Tensor factor = ones([batch.Samples, 1], dtype: _placement.Type, device: _placement.Device); // M [N, 1]
        foreach (int agent in Turns.Order(_task.Agents.Count, _seed, batch.Iteration))
        {
            var (observations, masks, actions) = _actors.Data(batch, agent);
            Tensor before = _actors[agent].Snapshot(observations, masks).LogProbs(actions); // [N, D]
            // With shared parameters the policy has moved since it acted; a step is measured from where it is.
            var samples = new SurrogateSamples(observations, masks, actions, before, factor, _signals.StandardizedReward(agent), []);
            PolicyStep step = Step(_actors[agent], samples, _options, _threads, batch.Steps, _task.Agents[agent].Name);
            factor = factor * PolicySurrogates.Ratio(_actors[agent].Snapshot(observations, masks).LogProbs(actions), before, ActionRatio.Product); // M <- rho M
            metrics.Add($"gain/{_task.Agents[agent].Name}", step.Gain);
            metrics.Add($"kl/{_task.Agents[agent].Name}", step.Divergence);
            metrics.Add($"accepted/{_task.Agents[agent].Name}", step.Trial is null ? 0 : 1);
        }
    }

    /// <summary>What a step came to.</summary>
    /// <param name="Full">The whole step [P].</param>
    /// <param name="Trial">Which fraction was accepted; null: none.</param>
    /// <param name="Divergence">Mean KL(old || new) at the last fraction that was tried.</param>
    /// <param name="Gain">Gain of the surrogate there.</param>
    internal sealed record PolicyStep(Tensor Full, int? Trial, double Divergence, double Gain);

    /// <summary>One agent's step: <c>sqrt(2 delta / x.H x) x</c> with <c>x = H^-1 grad J</c>, as far along as it keeps its promise.</summary>
    /// <param name="actor">Moves.</param>
    /// <param name="samples">The rollout [N, ...].</param>
    /// <param name="options">The options.</param>
    /// <param name="threads">Threads to work on.</param>
    /// <param name="steps">Environment steps so far, for errors.</param>
    /// <param name="agent">Whose policy it is, for errors.</param>
    internal static PolicyStep Step(Actor actor, SurrogateSamples samples, HatrpoOptions options, int threads, long steps, string agent)
    {
        var parameters = new FlatParameters(actor);

        // 3. The gradient of the surrogate J = E[rho M A].
        Tensor gradient;
        double before;
        using (enable_grad())
        {
            Tensor surrogate = Surrogate(actor.Distribution(samples.Observations, samples.Masks), samples);
            (gradient, before) = (parameters.Gradient(surrogate), surrogate.ToDouble());
        }

        // 4. Its product with the inverse curvature of the divergence, scaled to the boundary of the trust region.
        using var curvature = new CurvatureProduct(parameters, PolicySurrogates.Divergence(actor, samples, DivergenceFormula.Exact), options.Damping, threads);
        Tensor x = ConjugateGradient.Solve(curvature.Apply, gradient, options.ConjugateGradientIterations, ResidualTolerance);
        double length = x.Dot(curvature.Apply(x));
        Tensor full = length > 0 ? x * Math.Sqrt(2 * options.KlThreshold / length) : x;
        double promised = gradient.Dot(full);
        if (!double.IsFinite(before) || !double.IsFinite(promised))
            throw new NonFiniteException(agent, double.IsFinite(before) ? "policy step" : "policy loss", steps);

        // 5. The largest fraction of it that stays in the trust region and gains a share of what the gradient promises.
        IDistribution old = actor.Snapshot(samples.Observations, samples.Masks);
        double divergence = 0, gain = 0;
        int? trial = BacktrackingSearch.Run(parameters, full, fraction: 1, options.LineSearchDecay, options.LineSearchSteps, fraction =>
        {
            using var scope = NewDisposeScope();
            IDistribution moved = actor.Snapshot(samples.Observations, samples.Masks);
            divergence = old.KullbackLeibler(moved).mean().ToDouble();
            gain = Surrogate(moved, samples).ToDouble() - before;
            return divergence < options.KlThreshold && gain > options.AcceptRatio * promised * fraction && gain > 0;
        });
        return new PolicyStep(full, trial, divergence, gain);
    }

    private static Tensor Surrogate(IDistribution policy, SurrogateSamples samples) => PolicySurrogates.Mean(
        PolicySurrogates.Ratio(policy.LogProbs(samples.Actions), samples.OldLogProbs, ActionRatio.Product), samples.Factor, samples.Reward, samples.Weights);

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
