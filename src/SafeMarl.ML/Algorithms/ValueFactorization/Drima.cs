using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Losses;
using SafeMarl.ML.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.ValueFactorization;

/// <summary>How DRIMA looks at risks.</summary>
/// <param name="AgentLevels">Levels N of risk that other agents are, from the most careful one on.</param>
/// <param name="ActingLevel">By which agents act.</param>
/// <param name="Quantiles">Quantiles of the environment's risk.</param>
/// <param name="LowestFraction">Where the fractions begin that the joint value's mean is taken over.</param>
/// <param name="FractionRange">How far they go from there.</param>
internal sealed record DrimaSettings(int AgentLevels, int ActingLevel, int Quantiles, double LowestFraction, double FractionRange);

/// <summary>
/// DRIMA (Son et al. 2022), also known as QDIST: risks of the environment are quantiles of a joint value that is free of any form; risks of what other agents do are levels of the agents' own values. At each level
/// the agents' values, transformed so that they can act by themselves, are drawn to the joint value: the more careful the level, the more where they are above it.
/// </summary>
internal sealed class Drima : TeamAlgorithm<DrimaValue>
{
    private const double OptimalWeight = 3; // DRIMA

    private readonly TargetSettings _target;
    private readonly DrimaSettings _risk;
    private readonly int _threads;
    private readonly long _seed;

    /// <param name="task">The task.</param>
    /// <param name="team">The networks.</param>
    /// <param name="target">How the joint value is learned.</param>
    /// <param name="risk">How risks are looked at.</param>
    /// <param name="judge">Makes the joint value.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="placement">Where tensors live.</param>
    public Drima(TaskShape task, TeamSettings team, TargetSettings target, DrimaSettings risk, Func<RandomStream, DrimaValue> judge, int threads, long seed, Placement placement)
        : base(new RecurrentTeam<DrimaValue>(task, team with { Levels = (risk.AgentLevels, risk.ActingLevel) }, judge, seed, placement), placement) =>
        (_target, _risk, _threads, _seed) = (target, risk, threads, seed);

    protected override (Tensor Loss, Tensor?[] Gradients) Losses(EpisodeDraw draw, Metrics metrics)
    {
        TeamSequences sequences = Sequences(draw.Sampled);
        var random = new RandomStream(RandomStream.Derive(_seed, Streams.Noise, draw.Update));
        double[] taus = QuantileFractions.Drawn(sequences, _risk.Quantiles, ref random), targetTaus = QuantileFractions.Drawn(sequences, _risk.Quantiles, ref random);
        double[] riskTaus = QuantileFractions.Drawn(sequences, _risk.Quantiles, ref random);
        for (int i = 0; i < riskTaus.Length; i++)
            riskTaus[i] = _risk.LowestFraction + _risk.FractionRange * riskTaus[i];

        Tensor leaf = Networks.Agents.UnrollValues(sequences.InputValues, sequences.Rows, gradients: true, _threads);
        Tensor levels = Levels(leaf, sequences), best = Best(levels, sequences), states = sequences.StatesOf(sequences.Steps); // best: [T + 1, B, n]
        Tensor chosen = Of(levels, sequences.Chosen), optimal = Of(levels, best.narrow(0, 0, sequences.Steps)); // [T B, N, n]

        // The joint value by temporal differences, at every level alike.
        Tensor joint = Networks.Judge.Joint(states, chosen, Cosines(Networks.Judge, taus, sequences, sequences.Steps)).flatten(0, 1); // [T B N, K]
        Tensor returns = Targets(sequences, best, targetTaus).unsqueeze(1).expand(-1, _risk.AgentLevels, -1).flatten(0, 1); // [T B N, K']
        Tensor fractions = Placement.Tensor(taus[..(int)(states.shape[0] * _risk.Quantiles)], states.shape[0], 1, _risk.Quantiles).expand(-1, _risk.AgentLevels, -1).flatten(0, 1);
        Tensor errors = QuantileHuberLoss.Of(joint, fractions, returns).view(-1, _risk.AgentLevels).mean([1]) * (2.0 / _risk.Quantiles); // DRIMA's mean over quantiles, of a Huber loss twice as large
        Tensor difference = WeightedMean.Of(errors, sequences.Filled);

        // The agents' transformed values against it, which stays as it is.
        (Tensor atChosen, Tensor atOptimal) = Means(states, chosen.detach(), optimal.detach(), Cosines(Networks.Judge, riskTaus, sequences, sequences.Steps));
        Tensor transformed = Networks.Judge.Transformed(states, chosen);
        Tensor other = WeightedMean.Of(OtherErrors(transformed, atChosen).mean([1]), sequences.Filled);
        Tensor bound = WeightedMean.Of((transformed - atChosen.maximum(atOptimal)).clamp_min(0).square().mean([1]), sequences.Filled);
        Tensor optimum = WeightedMean.Of((Networks.Judge.Transformed(states, optimal) - atOptimal).square().mean([1]), sequences.Filled);

        metrics.Add("loss/value", difference.ToDouble());
        metrics.Add("loss/optimal", optimum.ToDouble());
        metrics.Add("loss/other", other.ToDouble());
        metrics.Add("loss/bound", bound.ToDouble());
        Tensor loss = difference + other + bound + OptimalWeight * optimum;
        return (loss, Networks.Gradients(loss, _threads, leaf));
    }

    /// <summary>Squares of what transformed values are off joint ones [M, N]; where they are above, a level j of N weighs <c>2 - 2 j / N</c>.</summary>
    internal static Tensor OtherErrors(Tensor transformed, Tensor joint)
    {
        int levels = (int)joint.shape[1];
        Tensor above = tensor([.. Enumerable.Range(1, levels).Select(j => 2 - 2.0 * j / levels)], [1, levels], dtype: joint.dtype, device: joint.device);
        Tensor error = transformed - joint;
        return where(error.gt(0), above, ones_like(above)) * error.square();
    }

    // Means over the environment's risk at actions that were chosen and at the best ones [M, N].
    private (Tensor Chosen, Tensor Optimal) Means(Tensor states, Tensor chosen, Tensor optimal, Tensor cosines)
    {
        using var guard = no_grad();
        return (Networks.Judge.Joint(states, chosen, cosines).mean([2]), Networks.Judge.Joint(states, optimal, cosines).mean([2]));
    }

    // Quantiles of what follows, in the mean over levels [T B, K'].
    private Tensor Targets(TeamSequences sequences, Tensor best, double[] taus)
    {
        using var guard = no_grad();
        Tensor levels = Levels(Networks.TargetAgents.UnrollValues(sequences.InputValues, sequences.Rows, gradients: false, _threads), sequences);
        Tensor actions = _target.DoubleQ ? best : Best(levels, sequences);
        int views = sequences.Steps + 1;
        Tensor joint = Networks.TargetJudge.Joint(sequences.StatesOf(views), Of(levels, actions), Cosines(Networks.TargetJudge, taus, sequences, views)); // [(T + 1) B, N, K']
        return sequences.Returns(joint.mean([1]), _target);
    }

    // [T + 1, B, n, N, A]
    private Tensor Levels(Tensor values, TeamSequences sequences) => values.view(sequences.Steps + 1, sequences.Size, sequences.Agents, _risk.AgentLevels, sequences.Alternatives);

    private Tensor Best(Tensor levels, TeamSequences sequences) => sequences.Best(levels.detach().select(3, _risk.ActingLevel));

    // Values of actions [steps, B, n] at every level [steps B, N, n].
    private static Tensor Of(Tensor levels, Tensor actions) => levels.narrow(0, 0, actions.shape[0])
        .gather(4, actions.unsqueeze(3).unsqueeze(4).expand(-1, -1, -1, levels.shape[3], -1)).squeeze(4).flatten(0, 1).transpose(1, 2);

    // [steps B, K, features]
    private Tensor Cosines(DrimaValue judge, double[] taus, TeamSequences sequences, int steps) =>
        judge.Cosines(taus.AsSpan(0, steps * sequences.Size * _risk.Quantiles), (long)steps * sequences.Size, _risk.Quantiles);
}

/// <summary>
/// DRIMA's values of M situations at N levels of agents' risk: the joint one <c>Z_j(tau) = Q(s, q, tau) + sum_i |w_ji(s)| q_ji + V_j(s)</c>, Q being an implicit quantile network of the state and all
/// agents' values, and the transformed one <c>sum_i |w'_ji(s)| q_ji + V_j(s)</c>, by which agents can act.
/// </summary>
internal sealed class DrimaValue : nn.Module
{
    private readonly DenseModule _jointWeights, _transformedWeights, _shift, _encoding, _value;
    private readonly QuantileEmbedding _embedding;
    private readonly int _levels;

    /// <param name="agents">n.</param>
    /// <param name="stateSize">S.</param>
    /// <param name="levels">N.</param>
    /// <param name="size">Width of the hidden layers.</param>
    /// <param name="embedding">Cosines that a quantile's fraction is embedded in.</param>
    /// <param name="random">Stream of the initial weights.</param>
    /// <param name="placement">Where the parameters live.</param>
    public DrimaValue(int agents, int stateSize, int levels, int size, int embedding, ref RandomStream random, Placement placement) : base(nameof(DrimaValue))
    {
        _levels = levels;
        register_module("weights1", _jointWeights = DenseModule.Perceptron(stateSize, levels * agents, 2, size, ref random, placement));
        register_module("weights2", _transformedWeights = DenseModule.Perceptron(stateSize, levels * agents, 2, size, ref random, placement));
        register_module("shift", _shift = DenseModule.Perceptron(stateSize, levels, 2, size, ref random, placement));
        register_module("encoding", _encoding = DenseModule.Perceptron(levels * agents + stateSize, size, 1, size, ref random, placement));
        register_module("embedding", _embedding = new QuantileEmbedding(embedding, size, ref random, placement));
        register_module("value", _value = DenseModule.Perceptron(size, 1, 1, size, ref random, placement));
    }

    /// <summary>Cosines of fractions tau, which are <c>[M, K]</c>: [M, K, features].</summary>
    public Tensor Cosines(ReadOnlySpan<double> taus, params long[] shape) => _embedding.Cosines(taus, shape);

    /// <summary>Quantiles of the joint value [M, N, K].</summary>
    /// <param name="states">[M, S]</param>
    /// <param name="values">Of the agents' actions at every level [M, N, n].</param>
    /// <param name="cosines">[M, K, features]</param>
    public Tensor Joint(Tensor states, Tensor values, Tensor cosines)
    {
        Tensor encoded = nn.functional.relu(_encoding.forward(cat([values.flatten(1), states], 1))); // [M, size]
        Tensor free = _value.forward(encoded.unsqueeze(1) * _embedding.forward(cosines)).squeeze(2); // [M, K]
        return free.unsqueeze(1) + Sum(_jointWeights, states, values).unsqueeze(2);
    }

    /// <summary>The transformed values [M, N].</summary>
    /// <param name="states">[M, S]</param>
    /// <param name="values">Of the agents' actions at every level [M, N, n].</param>
    public Tensor Transformed(Tensor states, Tensor values) => Sum(_transformedWeights, states, values);

    private Tensor Sum(DenseModule weights, Tensor states, Tensor values) => (weights.forward(states).abs().view(-1, _levels, values.shape[2]) * values).sum([2]) + _shift.forward(states);
}
