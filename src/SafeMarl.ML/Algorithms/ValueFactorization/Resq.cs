using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Losses;
using SafeMarl.ML.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.ValueFactorization;

/// <summary>
/// ResQ, and with quantiles ResZ (Shen et al. 2022): a joint value is a monotonic one and a residual that is not positive, <c>Q = Q_tot + w_r Q_r</c>, w_r being 0 at the agents' best actions and 1 at
/// all others. So those actions stay the best, and yet any joint value can be told. Both learn from what a central value without any form makes of the agents' best actions.
/// </summary>
internal sealed class Resq : TeamAlgorithm<Resq.Mixers>
{
    private readonly TeamSettings _team;
    private readonly TargetSettings _target;
    private readonly TeamValues _main, _residual, _central, _targetMain, _targetCentral;
    private readonly int _threads;

    /// <param name="task">The task.</param>
    /// <param name="team">The networks, of which there are three: monotonic, residual and central.</param>
    /// <param name="target">How values are learned.</param>
    /// <param name="mixers">Makes what mixes the values of each.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="placement">Where tensors live.</param>
    public Resq(TaskShape task, TeamSettings team, TargetSettings target, Func<RandomStream, Mixers> mixers, int threads, long seed, Placement placement)
        : base(new RecurrentTeam<Mixers>(task, team, mixers, seed, placement, copies: 2), placement)
    {
        (_team, _target, _threads) = (team, target, threads);
        (_main, _residual, _central) = (Online(Networks.Agents), Online(Networks.Others[0]), Online(Networks.Others[1]));
        (_targetMain, _targetCentral) = (Older(Networks.TargetAgents), Older(Networks.TargetOthers[1]));

        TeamValues Online(RecurrentModule agents) => new(agents, learns: true, needsStates: false, threads);
        TeamValues Older(RecurrentModule agents) => new(agents, learns: false, needsStates: false, threads);
    }

    protected override (Tensor Loss, Tensor?[] Gradients) Losses(EpisodeDraw draw, Metrics metrics) => Losses(Sequences(draw.Sampled), metrics);

    /// <summary>The loss and its gradients.</summary>
    internal (Tensor Loss, Tensor?[] Gradients) Losses(TeamSequences sequences, Metrics metrics)
    {
        double[] taus = _team.Quantiles is { } quantiles ? QuantileFractions.Midpoints(sequences, quantiles.Count) : [];
        TeamValues.Views main = _main.Look(sequences, taus), residual = _residual.Look(sequences, taus), central = _central.Look(sequences, taus);
        Tensor returns = Targets(sequences, main, taus); // [T B, K]

        // The central value, which targets come from.
        Tensor free = _central.Joint(Networks.Judge.Central, sequences, central, sequences.Chosen);
        Tensor centralLoss = WeightedMean.Of(_central.Errors(sequences, free, taus, returns), sequences.Filled);

        // The same returns for the monotonic one, with the residual where actions are not the best.
        Tensor others = main.Best.narrow(0, 0, sequences.Steps).eq(sequences.Chosen).all(2).logical_not().to(returns.dtype).view(-1, 1); // w_r [T B, 1]
        Tensor joint = _main.Joint(Networks.Judge.Main, sequences, main, sequences.Chosen) + others * _residual.Joint(Networks.Judge.Residual, sequences, residual, sequences.Chosen);
        Tensor loss = WeightedMean.Of(_main.Errors(sequences, joint, taus, returns), sequences.Filled);

        metrics.Add("loss/value", loss.ToDouble());
        metrics.Add("loss/central", centralLoss.ToDouble());
        metrics.Add("value/joint", WeightedMean.Of(joint.mean([1]), sequences.Filled).ToDouble());
        metrics.Add("value/target", WeightedMean.Of(returns.mean([1]), sequences.Filled).ToDouble());
        Tensor sum = centralLoss + loss;
        return (sum, Networks.Gradients(sum, _threads, main.Leaf, residual.Leaf, central.Leaf));
    }

    // What the central value of older weights is at the best actions of the agents that act.
    private Tensor Targets(TeamSequences sequences, TeamValues.Views main, double[] taus)
    {
        using var guard = no_grad();
        Tensor best = _target.DoubleQ ? main.Best : _targetMain.Look(sequences, taus).Best;
        Tensor values = _targetCentral.Joint(Networks.TargetJudge.Central, sequences, _targetCentral.Look(sequences, taus), best);
        return sequences.Returns(values, _target);
    }

    /// <summary>What mixes the values of the monotonic, the residual and the central agents.</summary>
    internal sealed class Mixers : nn.Module
    {
        public Mixers(Mixer main, Mixer residual, Mixer central) : base(nameof(Mixers))
        {
            (Main, Residual, Central) = (main, residual, central);
            register_module("main", main);
            register_module("residual", residual);
            register_module("central", central);
        }

        public Mixer Main { get; }

        /// <summary>It must not give positive values.</summary>
        public Mixer Residual { get; }

        public Mixer Central { get; }
    }
}
