using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Files;
using SafeMarl.ML.Losses;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Threading;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OffPolicy;

/// <summary>How a team learns.</summary>
/// <param name="Tau">How far targets move towards their networks.</param>
/// <param name="PolicyInterval">Updates between those of the policies and targets.</param>
/// <param name="Critic">How the critic learns.</param>
/// <param name="InitialTemperature">Temperature of the critic at first.</param>
/// <param name="AdaptTemperature">Whether it is adapted.</param>
/// <param name="TemperatureLearningRate">Adam's, for its logarithm.</param>
internal sealed record SoftTeamSettings(
    double Tau, int PolicyInterval, ActionValueSettings Critic, double InitialTemperature, bool AdaptTemperature, double TemperatureLearningRate);

/// <summary>
/// Agents that learn one soft value of their joint action and improve it in turns: the update of HASAC (Liu et al. 2024, algorithm 1) for a team
/// of several, and that of the soft actor-critic for a team of one.
/// </summary>
internal sealed class SoftTeam : ICheckpointed, IDisposable
{
    private readonly int[] _agents;
    private readonly SoftPolicies _policies;
    private readonly SoftTeamSettings _settings;
    private readonly Func<TransitionTensors, Tensor, Tensor> _view;
    private readonly Func<TransitionTensors, Tensor> _returns;
    private readonly ActionValue _critic;
    private readonly Temperature _temperature;
    private readonly string _name;

    /// <param name="name">Name in metrics, errors and checkpoints.</param>
    /// <param name="agents">Its members.</param>
    /// <param name="policies">The policies of all agents.</param>
    /// <param name="view">What the critic sees of views [B, view]: [B, s].</param>
    /// <param name="viewSize">s.</param>
    /// <param name="returns">The team's discounted rewards of n steps [B].</param>
    /// <param name="task">The task.</param>
    /// <param name="settings">How it learns.</param>
    /// <param name="seed">Seed of its weights.</param>
    /// <param name="placement">Where its critic lives.</param>
    public SoftTeam(
        string name, int[] agents, SoftPolicies policies, Func<TransitionTensors, Tensor, Tensor> view, int viewSize, Func<TransitionTensors, Tensor> returns, TaskShape task,
        SoftTeamSettings settings, long seed, Placement placement)
    {
        (_name, _agents, _policies, _view, _returns, _settings) = (name, agents, policies, view, returns, settings);
        _critic = new ActionValue($"critic.{name}", name, viewSize + agents.Sum(a => task.Agents[a].EncodedActionSize), networks: 2, settings.Critic, seed, placement);
        _temperature = new Temperature(settings.InitialTemperature, settings.AdaptTemperature, settings.TemperatureLearningRate);
    }

    internal ActionValue Critic => _critic;

    internal Temperature CriticTemperature => _temperature;

    /// <summary>One update.</summary>
    /// <param name="batch">Transitions.</param>
    /// <param name="noise">Noise for a draw of an agent's actions.</param>
    /// <param name="update">Which update of the run.</param>
    /// <param name="order">In which the members take turns.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="steps">Environment steps so far, for errors.</param>
    /// <param name="metrics">Receives losses and temperatures.</param>
    public void Update(TransitionTensors batch, Func<int, Tensor> noise, long update, int[] order, int threads, long steps, Metrics metrics)
    {
        using var scope = NewDisposeScope();

        // 1. Next actions of all members, from the policies as they are.
        (Tensor target, Tensor inputs) = Target(batch, noise);

        // 2. The critic: y = R + gamma^n (min Q'(s', a') - alpha sum_i log pi_i').
        var losses = new double[2];
        ParallelWork.Run(threads, _critic.Fits(inputs, target, steps).Select((fit, i) => (Action)(() => losses[i] = fit())));
        metrics.Add($"loss/critic/{_name}", losses.Sum());

        if (update % _settings.PolicyInterval != 0)
            return;
        // 3. Members in turn: alpha_i log pi_i - min Q, each seeing what those before it do now.
        ImprovePolicies(batch, noise, order, threads, steps, metrics);

        // 4. Targets follow.
        _critic.Follow(_settings.Tau);
    }

    private (Tensor Target, Tensor Inputs) Target(TransitionTensors batch, Func<int, Tensor> noise)
    {
        using var untracked = no_grad();
        var next = new List<Tensor> { _view(batch, batch.BootstrapViews) };
        Tensor logProbs = zeros_like(batch.BootstrapDiscounts);
        foreach (int agent in _agents)
        {
            (Tensor action, Tensor logProb) = _policies[agent].Sample(batch.ObservationIn(batch.BootstrapViews, agent), batch.MaskOf(batch.BootstrapViews, agent), noise(agent));
            next.Add(action);
            logProbs = logProbs + logProb;
        }
        Tensor target = SoftPolicyLoss.Target(_returns(batch), batch.BootstrapDiscounts, _critic.Target(cat(next, 1)), logProbs, _temperature.Value);
        return (target, cat([_view(batch, batch.Records), .. _agents.Select(batch.Action)], 1));
    }

    private void ImprovePolicies(TransitionTensors batch, Func<int, Tensor> noise, int[] order, int threads, long steps, Metrics metrics)
    {
        Dictionary<int, Tensor> actions = [];
        foreach (int agent in _agents)
            actions[agent] = Redraw(agent);
        double jointLogProb = 0, jointTarget = 0;
        foreach (int agent in order)
        {
            (Tensor action, Tensor logProb) = _policies[agent].Sample(batch.Observation(agent), batch.Mask(agent), noise(agent)); // [B, D], [B]
            Tensor? weights = batch.Weights?[agent];
            (double value, Tensor slope) = MeanValue(batch, actions, agent, action, weights, threads);
            Temperature temperature = _policies.Temperature(agent);
            Tensor entropy = WeightedMean.Of(logProb, weights) * temperature.Value;
            double meanLogProb = logProb.mean().ToDouble(), targetEntropy = _policies.TargetEntropy(agent, batch.Mask(agent));
            _policies.Step(agent, entropy - SoftPolicyLoss.ByGradient(action, slope), steps);
            temperature.Update(meanLogProb, targetEntropy);
            actions[agent] = Redraw(agent);
            jointLogProb += meanLogProb;
            jointTarget += targetEntropy;
            metrics.Add($"loss/policy/{_policies.NameOf(agent)}", entropy.ToDouble() - value);
            metrics.Add($"entropy/{_policies.NameOf(agent)}", -meanLogProb);
            metrics.Add($"temperature/{_policies.NameOf(agent)}", temperature.Value);
        }
        _temperature.Update(jointLogProb, jointTarget);

        Tensor Redraw(int agent)
        {
            using var untracked = no_grad();
            return _policies[agent].Sample(batch.Observation(agent), batch.Mask(agent), noise(agent)).Action;
        }
    }

    // The mean of min Q and its gradient to an agent's actions [B, D]; halves of the batch are independent pieces of work.
    private (double Mean, Tensor Slope) MeanValue(TransitionTensors batch, Dictionary<int, Tensor> actions, int agent, Tensor action, Tensor? weights, int threads)
    {
        using var scope = NewDisposeScope();
        Tensor view = _view(batch, batch.Records), own = action.detach();
        long size = own.shape[0], half = (size + 1) / 2;
        double total = weights?.sum().ToDouble() ?? size;
        (long First, long Count)[] halves = size > 1 ? [(0, half), (half, size - half)] : [(0, 1)];
        (double Mean, Tensor Slope)[] parts = TensorWork.Run<(double, Tensor)>(threads, scope, [.. halves.Select(rows => (Func<(double, Tensor)>)(() =>
        {
            Tensor Rows(Tensor values) => values.narrow(0, rows.First, rows.Count);
            Tensor leaf = Rows(own).clone();
            leaf.requires_grad = true;
            Tensor values = _critic.Of(cat([Rows(view), .. _agents.Select(a => a == agent ? leaf : Rows(actions[a]))], 1));
            Tensor mean = (weights is null ? values : values * Rows(weights)).sum() / total;
            mean.backward();
            return (mean.ToDouble(), leaf.grad!);
        }))], static part => [part.Item2]);
        return (parts.Sum(p => p.Mean), cat([.. parts.Select(p => p.Slope)]).MoveToOuterDisposeScope());
    }

    public void Save(TensorFile file)
    {
        _critic.Save(file);
        _temperature.Save(file, $"temperature.{_name}");
    }

    public void Load(TensorFile file)
    {
        _critic.Load(file);
        _temperature.Load(file, $"temperature.{_name}");
    }

    public void Dispose() => _critic.Dispose();
}
