using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Files;
using SafeMarl.ML.Losses;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.ValueFactorization;

/// <summary>
/// Q-learning of a team whose joint value is mixed from its agents' values, which then can act by themselves: VDN, QMIX and QPLEX by the mixer; with quantiles
/// DDN, DMIX, distributional QPLEX and RiskQ; with a barrier QBF and DBF.
/// </summary>
internal sealed class FactoredQ : IAlgorithm<EpisodeDraw>
{
    private readonly TeamSettings _team;
    private readonly TargetSettings _target;
    private readonly BarrierLoss? _barrier;
    private readonly RecurrentTeam<Mixer> _networks;
    private readonly TeamValues _online, _targets;
    private readonly SequenceMemory _memory = new();
    private readonly int _threads;
    private readonly long _seed;
    private readonly Placement _placement;

    /// <param name="task">The task.</param>
    /// <param name="team">The networks.</param>
    /// <param name="target">How values are learned.</param>
    /// <param name="mixer">Makes what mixes values.</param>
    /// <param name="barrier">The loss of losing agents; null: there is none.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="placement">Where tensors live.</param>
    public FactoredQ(TaskShape task, TeamSettings team, TargetSettings target, Func<RandomStream, Mixer> mixer, BarrierLoss? barrier, int threads, long seed, Placement placement)
    {
        (_team, _target, _barrier, _threads, _seed, _placement) = (team, target, barrier, threads, seed, placement);
        _networks = new RecurrentTeam<Mixer>(task, team, mixer, seed, placement);
        _online = new TeamValues(_networks.Agents, learns: true, needsStates: false, threads);
        _targets = new TeamValues(_networks.TargetAgents, learns: false, needsStates: false, threads);
    }

    internal RecurrentTeam<Mixer> Networks => _networks;

    public Policy Policy => _networks.Policy;

    public Metrics Update(EpisodeDraw draw)
    {
        using var scope = NewDisposeScope();
        var metrics = new Metrics();
        var sequences = new TeamSequences(draw.Sampled, _placement, _memory);
        var random = new RandomStream(RandomStream.Derive(_seed, Streams.Noise, draw.Update));
        (Tensor loss, Tensor?[] gradients) = TemporalDifference(sequences, Taus(draw.Sampled, _team.Quantiles?.Count, ref random), Taus(draw.Sampled, _team.Quantiles?.TargetCount, ref random), metrics);
        if (_barrier is not null && BarrierGradients(draw.Newest!, Taus(draw.Newest!, _team.Quantiles?.Count, ref random), metrics) is { } barrier)
            gradients = ProjectedGradients.Combine(gradients, barrier); // eqs. 7 and 8
        metrics.Add("gradient_norm", _networks.Step(loss, gradients, draw));
        return metrics;
    }

    /// <summary>The loss of values against their targets, and its gradients.</summary>
    internal (Tensor Loss, Tensor?[] Gradients) TemporalDifference(TeamSequences sequences, double[] taus, double[] targetTaus, Metrics metrics)
    {
        TeamValues.Views views = _online.Look(sequences, taus);
        Tensor chosen = _online.Joint(_networks.Judge, sequences, views, sequences.Chosen); // [T B, K]
        Tensor returns = Targets(sequences, views, targetTaus); // [T B, K']
        Tensor errors = _online.IsDistributional
            ? QuantileHuberLoss.Of(chosen, _placement.Tensor(taus[..(int)chosen.numel()], chosen.shape), returns)
            : (chosen - returns).square().sum([1]);
        Tensor loss = WeightedMean.Of(errors, sequences.Filled);
        metrics.Add("loss/value", loss.ToDouble());
        metrics.Add("value/joint", WeightedMean.Of(chosen.mean([1]), sequences.Filled).ToDouble());
        metrics.Add("value/target", WeightedMean.Of(returns.mean([1]), sequences.Filled).ToDouble());
        if (_networks.Judge.Regularizer is { } regularizer)
            loss += regularizer;
        return (loss, _networks.Agents.Gradients(loss, views.Leaf, _networks.JudgeParameters, _threads));
    }

    private Tensor Targets(TeamSequences sequences, TeamValues.Views online, double[] taus)
    {
        using var guard = no_grad();
        TeamValues.Views views = _targets.Look(sequences, taus);
        Tensor values = _targets.Joint(_networks.TargetJudge, sequences, views, _target.DoubleQ ? online.Best : views.Best); // [(T + 1) B, K']
        return sequences.Returns(values, _target);
    }

    // Null when no episode lost as many agents.
    private Tensor?[]? BarrierGradients(EpisodeBatch newest, double[] taus, Metrics metrics)
    {
        if (_barrier!.Weights(newest, metrics) is not { } weights)
            return null;
        var sequences = new TeamSequences(newest, _placement, _memory);
        TeamValues.Views views = _online.Look(sequences, taus);
        Tensor loss = _barrier.Of(sequences, views.Values, sequences.Tensor(weights, sequences.Steps, sequences.Size));
        return _networks.Agents.Gradients(loss, views.Leaf, _networks.JudgeParameters, _threads);
    }

    // Quantile fractions of every step and episode, common to its agents; ascending, so that TD(lambda) may take quantiles one by one.
    private double[] Taus(EpisodeBatch batch, int? count, ref RandomStream random)
    {
        if (count is not { } quantiles)
            return [];
        var taus = new double[(batch.Steps + 1) * batch.Size * quantiles];
        for (int i = 0; i < taus.Length; i++)
            taus[i] = _team.Quantiles!.Risk is null ? random.NextDouble() : (i % quantiles + 0.5) / quantiles;
        for (int first = 0; first < taus.Length; first += quantiles)
            taus.AsSpan(first, quantiles).Sort();
        return taus;
    }

    public void Publish() => _networks.Publish();

    public void Save(TensorFile file) => _networks.Save(file);

    public void Load(TensorFile file) => _networks.Load(file);

    public void Dispose() => _networks.Dispose();
}
