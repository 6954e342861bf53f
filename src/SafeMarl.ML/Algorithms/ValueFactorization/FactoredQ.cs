using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Losses;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.ValueFactorization;

/// <summary>
/// Q-learning of a team whose joint value is mixed from its agents' values, which then can act by themselves: VDN, QMIX and QPLEX by the mixer; with quantiles
/// DDN, DMIX, distributional QPLEX and RiskQ; with a barrier QBF and DBF; with a barrier of actions CBF.
/// </summary>
internal sealed class FactoredQ : TeamAlgorithm<Mixer>
{
    private readonly TeamSettings _team;
    private readonly TargetSettings _target;
    private readonly BarrierLoss? _barrier;
    private readonly ActionBarrierLoss? _actionBarrier;
    private readonly TeamValues _online, _targets;
    private readonly int _threads;
    private readonly long _seed;

    /// <param name="task">The task.</param>
    /// <param name="team">The networks.</param>
    /// <param name="target">How values are learned.</param>
    /// <param name="mixer">Makes what mixes values.</param>
    /// <param name="barrier">The loss of losing agents; null: there is none.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="placement">Where tensors live.</param>
    /// <param name="actionBarrier">The loss of the network that rejects actions, where the team has one.</param>
    public FactoredQ(
        TaskShape task, TeamSettings team, TargetSettings target, Func<RandomStream, Mixer> mixer, BarrierLoss? barrier, int threads, long seed, Placement placement, ActionBarrierLoss? actionBarrier = null)
        : base(new RecurrentTeam<Mixer>(task, team, mixer, seed, placement), placement)
    {
        if (barrier is not null && actionBarrier is not null)
            throw new ArgumentException("A team learns to avoid losses by one barrier.", nameof(actionBarrier));
        (_team, _target, _barrier, _actionBarrier, _threads, _seed) = (team, target, barrier, actionBarrier, threads, seed);
        _online = new TeamValues(Networks.Agents, learns: true, needsStates: false, threads);
        _targets = new TeamValues(Networks.TargetAgents, learns: false, needsStates: false, threads);
    }

    protected override (Tensor Loss, Tensor?[] Gradients) Losses(EpisodeDraw draw, Metrics metrics)
    {
        TeamSequences sequences = Sequences(draw.Sampled);
        var random = new RandomStream(RandomStream.Derive(_seed, Streams.Noise, draw.Update));
        (Tensor loss, Tensor?[] gradients) = TemporalDifference(sequences, Taus(sequences, _team.Quantiles?.Count, ref random), Taus(sequences, _team.Quantiles?.TargetCount, ref random), metrics);
        if (_barrier is not null && BarrierGradients(draw.Newest!, ref random, metrics) is { } barrier)
            gradients = ProjectedGradients.Combine(gradients, barrier); // eqs. 7 and 8
        return (loss, gradients);
    }

    /// <summary>The loss of values against their targets, and its gradients.</summary>
    internal (Tensor Loss, Tensor?[] Gradients) TemporalDifference(TeamSequences sequences, double[] taus, double[] targetTaus, Metrics metrics)
    {
        TeamValues.Views views = _online.Look(sequences, taus);
        Tensor chosen = _online.Joint(Networks.Judge, sequences, views, sequences.Chosen); // [T B, K]
        Tensor returns = Targets(sequences, views, targetTaus); // [T B, K']
        Tensor loss = WeightedMean.Of(_online.Errors(sequences, chosen, taus, returns), sequences.Filled);
        metrics.Add("loss/value", loss.ToDouble());
        metrics.Add("value/joint", WeightedMean.Of(chosen.mean([1]), sequences.Filled).ToDouble());
        metrics.Add("value/target", WeightedMean.Of(returns.mean([1]), sequences.Filled).ToDouble());
        if (Networks.Judge.Regularizer is { } regularizer)
            loss += regularizer;
        if (_actionBarrier is null)
            return (loss, Networks.Gradients(loss, _threads, views.Leaf));
        Tensor barriers = Networks.Others[0].UnrollValues(sequences.InputValues, sequences.Rows, gradients: true, _threads);
        loss += _actionBarrier.Of(sequences, barriers.view(sequences.Steps + 1, sequences.Size, sequences.Agents, -1), metrics);
        return (loss, Networks.Gradients(loss, _threads, views.Leaf, barriers));
    }

    private Tensor Targets(TeamSequences sequences, TeamValues.Views online, double[] taus)
    {
        using var guard = no_grad();
        TeamValues.Views views = _targets.Look(sequences, taus);
        Tensor values = _targets.Joint(Networks.TargetJudge, sequences, views, _target.DoubleQ ? online.Best : views.Best); // [(T + 1) B, K']
        return sequences.Returns(values, _target);
    }

    // Null when no episode lost as many agents.
    private Tensor?[]? BarrierGradients(EpisodeBatch newest, ref RandomStream random, Metrics metrics)
    {
        if (_barrier!.Weights(newest, metrics) is not { } weights)
            return null;
        TeamSequences sequences = Sequences(newest);
        TeamValues.Views views = _online.Look(sequences, Taus(sequences, _team.Quantiles?.Count, ref random));
        Tensor loss = _barrier.Of(sequences, views.Values, sequences.Tensor(weights, sequences.Steps, sequences.Size));
        return Networks.Gradients(loss, _threads, views.Leaf);
    }

    private double[] Taus(TeamSequences sequences, int? count, ref RandomStream random) => count is not { } quantiles ? []
        : _team.Quantiles!.Risk is null ? QuantileFractions.Drawn(sequences, quantiles, ref random) : QuantileFractions.Midpoints(sequences, quantiles);
}
