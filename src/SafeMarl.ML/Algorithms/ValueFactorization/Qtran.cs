using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Losses;
using SafeMarl.ML.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.ValueFactorization;

/// <summary>
/// QTRAN-base (Son et al. 2019): a joint value that is free of any form is learned by temporal differences; that the sum of the agents' values, shifted by a value
/// of the state, equals it at their best actions and is at least as large at all others are two more losses.
/// </summary>
internal sealed class Qtran : TeamAlgorithm<Qtran.JointValue>
{
    private readonly TargetSettings _target;
    private readonly double _optimalWeight, _otherWeight;
    private readonly TeamValues _online, _targets;
    private readonly int _threads;

    /// <param name="task">The task.</param>
    /// <param name="team">The networks.</param>
    /// <param name="target">How the joint value is learned.</param>
    /// <param name="size">Width of the joint value's hidden layers.</param>
    /// <param name="optimalWeight">Weight of the loss at best actions.</param>
    /// <param name="otherWeight">Weight of the loss at others.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="placement">Where tensors live.</param>
    public Qtran(TaskShape task, TeamSettings team, TargetSettings target, int size, double optimalWeight, double otherWeight, int threads, long seed, Placement placement)
        : base(new RecurrentTeam<JointValue>(
            task, team, random => new JointValue(task.StateSize, team.HiddenSize, task.Agents[0].ActionSpace.Count, size, ref random, placement), seed, placement), placement)
    {
        (_target, _optimalWeight, _otherWeight, _threads) = (target, optimalWeight, otherWeight, threads);
        (_online, _targets) = (new TeamValues(Networks.Agents, learns: true, needsStates: true, threads), new TeamValues(Networks.TargetAgents, learns: false, needsStates: true, threads));
    }

    protected override (Tensor Loss, Tensor?[] Gradients) Losses(EpisodeDraw draw, Metrics metrics) => Losses(Sequences(draw.Sampled), metrics);

    /// <summary>The loss and its gradients.</summary>
    internal (Tensor Loss, Tensor?[] Gradients) Losses(TeamSequences sequences, Metrics metrics)
    {
        long steps = sequences.Steps;
        TeamValues.Views views = _online.Look(sequences, []);
        Tensor states = sequences.StatesOf(steps), hidden = views.States!.narrow(0, 0, steps);
        Tensor best = views.Best.narrow(0, 0, steps);

        // The joint value by temporal differences.
        Tensor joint = Joint(Networks.Judge, states, hidden, sequences.Chosen, sequences);
        Tensor difference = WeightedMean.Of((joint - Targets(sequences, views)).square(), sequences.Filled);

        // At the agents' best actions, their sum is the joint value.
        Tensor shift = Networks.Judge.Shift(states);
        Tensor bestJoint = Joint(Networks.Judge, states, hidden, best, sequences).detach();
        Tensor bestSum = TeamValues.Taken(views.Values, best).sum([1]);
        Tensor optimal = WeightedMean.Of((bestSum - bestJoint + shift).square(), sequences.Filled);

        // At others it must not be less.
        Tensor sum = TeamValues.Taken(views.Values, sequences.Chosen).sum([1]);
        Tensor other = WeightedMean.Of((sum - joint.detach() + shift).clamp_max(0).square(), sequences.Filled);

        Tensor loss = difference + _optimalWeight * optimal + _otherWeight * other;
        metrics.Add("loss/value", difference.ToDouble());
        metrics.Add("loss/optimal", optimal.ToDouble());
        metrics.Add("loss/other", other.ToDouble());
        return (loss, Networks.Gradients(loss, _threads, views.Leaf));
    }

    private Tensor Targets(TeamSequences sequences, TeamValues.Views online)
    {
        using var guard = no_grad();
        TeamValues.Views views = _targets.Look(sequences, []);
        Tensor states = sequences.StatesOf(sequences.Steps + 1);
        Tensor values = Joint(Networks.TargetJudge, states, views.States!, _target.DoubleQ ? online.Best : views.Best, sequences);
        return sequences.Returns(values, _target);
    }

    private static Tensor Joint(JointValue network, Tensor states, Tensor hidden, Tensor chosen, TeamSequences sequences) => network.Of(
        states, hidden.reshape(states.shape[0], sequences.Agents, -1), TeamValues.OneHot(chosen, sequences).view(states.shape[0], sequences.Agents, -1));

    /// <summary><c>Q(s, sum_i e(h_i, u_i))</c> and a shift <c>V(s)</c>, of hidden states and actions.</summary>
    internal sealed class JointValue : nn.Module
    {
        private readonly DenseModule _encoding, _value, _shift;

        public JointValue(int stateSize, int hiddenSize, int alternatives, int size, ref RandomStream random, Placement placement) : base(nameof(JointValue))
        {
            int encoded = hiddenSize + alternatives;
            register_module("encoding", _encoding = DenseModule.Perceptron(encoded, encoded, 1, encoded, ref random, placement));
            register_module("value", _value = DenseModule.Perceptron(stateSize + encoded, 1, 2, size, ref random, placement));
            register_module("shift", _shift = DenseModule.Perceptron(stateSize, 1, 2, size, ref random, placement));
        }

        /// <summary>The joint value [M] of states [M, S], hidden states [M, n, size] and one-hot actions [M, n, A].</summary>
        public Tensor Of(Tensor states, Tensor hidden, Tensor actions) =>
            _value.forward(cat([states, _encoding.forward(cat([hidden, actions], 2)).sum([1])], 1)).squeeze(1);

        /// <summary>V [M] of states [M, S].</summary>
        public Tensor Shift(Tensor states) => _shift.forward(states).squeeze(1);
    }
}
