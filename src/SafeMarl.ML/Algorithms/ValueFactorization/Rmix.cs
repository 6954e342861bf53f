using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Losses;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.ValueFactorization;

/// <summary>
/// RMIX (Qiu et al. 2021): agents have return distributions, and an action is worth the mean of the lowest share of its returns (CVaR). How large a share, a second network says in every step of what the agent has
/// seen before. QMIX mixes these values and learns by their temporal differences; the rest of each distribution learns from the one that follows it.
/// </summary>
internal sealed class Rmix : TeamAlgorithm<Mixer>
{
    private const int MaxTargetAtoms = 10; // of a distribution to learn from: each meets each atom of the one that learns

    private readonly RiskLevels _risk;
    private readonly TargetSettings _target;
    private readonly double _quantileWeight;
    private readonly int _threads;

    /// <param name="task">The task.</param>
    /// <param name="team">The networks, with levels of risk.</param>
    /// <param name="target">How values are learned.</param>
    /// <param name="mixer">Makes what mixes values.</param>
    /// <param name="quantileWeight">Weight of the loss of the distributions.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="placement">Where tensors live.</param>
    public Rmix(TaskShape task, TeamSettings team, TargetSettings target, Func<RandomStream, Mixer> mixer, double quantileWeight, int threads, long seed, Placement placement)
        : base(new RecurrentTeam<Mixer>(task, team, mixer, seed, placement), placement) =>
        (_risk, _target, _quantileWeight, _threads) = (team.Risk!, target, quantileWeight, threads);

    protected override (Tensor Loss, Tensor?[] Gradients) Losses(EpisodeDraw draw, Metrics metrics)
    {
        TeamSequences sequences = Sequences(draw.Sampled);
        long steps = sequences.Steps;
        Views views = Look(Networks.Agents, Networks.Others[0], sequences, learns: true);
        Following following = Follow(sequences, views);

        // The joint value by temporal differences.
        Tensor atoms = AtomsOf(views.Atoms, sequences.Chosen); // [T B n, K]
        Tensor chosen = Values(atoms.sort().Values, views.Levels.narrow(0, 0, steps).flatten(0, 2)).view(-1, sequences.Agents); // [T B, n]
        Tensor joint = Networks.Judge.Mix(new Situation(sequences.StatesOf(steps), chosen));
        Tensor difference = WeightedMean.Of((joint - following.Returns).square(), sequences.Filled);

        // Each agent's distribution by the reward that its value implies, and the team's surprise: of a single agent, this is the reward.
        Tensor surprise = (following.Returns - joint).detach().unsqueeze(1); // [T B, 1]
        Tensor target = (chosen.detach() + surprise).flatten().unsqueeze(1) + following.Shapes;
        Tensor fractions = Placement.Tensor(QuantileFractions.Middles(_risk.Atoms), 1, _risk.Atoms).expand_as(atoms);
        Tensor shape = WeightedMean.Of(QuantileHuberLoss.Of(atoms, fractions, target).view(-1, sequences.Agents).mean([1]), sequences.Filled);

        metrics.Add("loss/value", difference.ToDouble());
        metrics.Add("loss/quantiles", shape.ToDouble());
        metrics.Add("value/joint", WeightedMean.Of(joint, sequences.Filled).ToDouble());
        metrics.Add("risk/share", WeightedMean.Of((views.Levels.detach() * Shares(views.Levels)).sum([3]).narrow(0, 0, steps).flatten(0, 1).mean([1]), sequences.Filled).ToDouble());
        Tensor loss = difference + _quantileWeight * shape;
        return (loss, Networks.Gradients(loss, _threads, views.States, views.Past));
    }

    /// <summary>What agents think of whole episodes.</summary>
    /// <param name="States">Hidden states [T + 1, B n, size].</param>
    /// <param name="Past">What the second network gave after each step [T + 1, B n, size L].</param>
    /// <param name="Atoms">Distributions of every alternative [T + 1, B, n, A, K].</param>
    /// <param name="Levels">Which level counts [T + 1, B, n, L].</param>
    private sealed record Views(Tensor States, Tensor Past, Tensor Atoms, Tensor Levels);

    private Views Look(RecurrentModule agents, RecurrentModule beside, TeamSequences sequences, bool learns)
    {
        long views = sequences.Steps + 1, outputs = sequences.Alternatives * _risk.Atoms;
        Tensor states = agents.Unroll(sequences.InputValues, sequences.Rows, null, learns, _threads), past = beside.UnrollValues(sequences.InputValues, sequences.Rows, learns, _threads);
        Tensor atoms = agents.Outputs(states, 0, outputs).view(views, sequences.Size, sequences.Agents, sequences.Alternatives, _risk.Atoms);
        // How careful to be must not change what is seen in the present, and depends on the past.
        Tensor present = agents.Outputs(states.detach(), outputs, _risk.Size), before = cat([zeros_like(past.narrow(0, 0, 1)), past.narrow(0, 0, views - 1)], 0);
        Tensor levels = Levels(present, before, _risk, Networks.Agents.Shape.HiddenSize).view(views, sequences.Size, sequences.Agents, _risk.Levels);
        return new Views(states, past, atoms, levels);
    }

    // The best alternatives [T + 1, B, n]. To find them needs no gradients, and all distributions: so without torch, which would sort them and keep everything.
    private Tensor Best(Views views, TeamSequences sequences)
    {
        using Tensor numbers = views.Atoms.detach().to(ScalarType.Float32, CPU).contiguous();
        Memory<float> distributions = new TensorMemory(numbers).Memory;
        float[] level = views.Levels.detach().argmax(-1).to(ScalarType.Float32).ToFloats();
        int alternatives = sequences.Alternatives, each = alternatives * _risk.Atoms;
        var values = new float[level.Length * alternatives];
        RowHalves.Run(_threads, level.Length, (first, count, _) =>
        {
            Span<float> own = distributions.Span;
            for (int row = first; row < first + count; row++)
                RiskNetwork.Evaluate(own.Slice(row * each, each), _risk, (int)level[row], values.AsSpan(row * alternatives, alternatives));
        });
        return sequences.Best(Placement.Tensor(values, views.Atoms.shape[..^1]));
    }

    private static Tensor Shares(Tensor levels) => tensor([.. RiskNetwork.Shares((int)levels.shape[^1])], dtype: levels.dtype, device: levels.device);

    /// <summary>Which level counts: 1 for it and 0 for the others [.., L], with the gradient that probabilities of levels would have.</summary>
    /// <param name="present">[.., size]</param>
    /// <param name="past">[.., size L]</param>
    /// <param name="risk">Levels L.</param>
    /// <param name="hiddenSize">Products are divided by its root.</param>
    internal static Tensor Levels(Tensor present, Tensor past, RiskLevels risk, int hiddenSize)
    {
        Tensor logits = (present.unsqueeze(-1) * past.view([.. past.shape[..^1], risk.Size, risk.Levels])).sum([-2]) / Math.Sqrt(hiddenSize);
        Tensor probabilities = logits.softmax(-1);
        Tensor numbers = tensor([.. Enumerable.Range(0, risk.Levels).Select(level => (long)level)], device: logits.device);
        Tensor chosen = logits.detach().argmax(-1, keepdim: true).eq(numbers).to(logits.dtype);
        return chosen + probabilities - probabilities.detach();
    }

    /// <summary>Means of the lowest shares of distributions in ascending order [.., K] at levels [.., L]: [..].</summary>
    internal static Tensor Values(Tensor atoms, Tensor levels)
    {
        (int count, int each) = ((int)atoms.shape[^1], (int)levels.shape[^1]);
        double[] all = [.. RiskNetwork.Shares(each).SelectMany(share => new Distortion(RiskMeasure.ConditionalValueAtRisk, share).Weights(count))];
        Tensor weights = tensor(all, [each, count], dtype: atoms.dtype, device: atoms.device);
        return (atoms * levels.matmul(weights)).sum([-1]);
    }

    /// <summary>What older weights make of what follows.</summary>
    /// <param name="Returns">Returns of the team [T B].</param>
    /// <param name="Shapes">Discounted quantiles of each agent's next action, less its value [T B n, K']; 0 where nothing follows.</param>
    private sealed record Following(Tensor Returns, Tensor Shapes);

    private Following Follow(TeamSequences sequences, Views online)
    {
        using var guard = no_grad();
        Views views = Look(Networks.TargetAgents, Networks.TargetOthers[0], sequences, learns: false);
        Tensor atoms = AtomsOf(views.Atoms, Best(_target.DoubleQ ? online : views, sequences)).sort().Values, values = Values(atoms, views.Levels.flatten(0, 2)); // [(T + 1) B n, K], [(T + 1) B n]
        Tensor joint = Networks.TargetJudge.Mix(new Situation(sequences.StatesOf(sequences.Steps + 1), values.view(-1, sequences.Agents)));
        long later = sequences.Steps * sequences.Size * sequences.Agents, first = sequences.Size * sequences.Agents;
        int count = Math.Min(_risk.Atoms, MaxTargetAtoms);
        Tensor shapes = Middles(atoms.narrow(0, first, later), count) - values.narrow(0, first, later).unsqueeze(1);
        Tensor continues = sequences.Continues().unsqueeze(1).expand(-1, sequences.Agents).flatten().unsqueeze(1);
        return new Following(sequences.Returns(joint, _target), _target.Gamma * continues * shapes);
    }

    // The middles of equal parts of distributions in ascending order [M, K]: [M, parts]. Where a middle is between two atoms, it is their mean.
    private Tensor Middles(Tensor atoms, int parts)
    {
        int count = (int)atoms.shape[1];
        return (At(-1) + At(0)) / 2;

        Tensor At(int offset) => atoms.index_select(1, Placement.Index([.. Enumerable.Range(0, parts).Select(k => ((2L * k + 1) * count + offset) / (2 * parts))]));
    }

    // Distributions of actions [steps, B, n]: [steps B n, K].
    private Tensor AtomsOf(Tensor atoms, Tensor actions) => atoms.narrow(0, 0, actions.shape[0])
        .gather(3, actions.unsqueeze(3).unsqueeze(4).expand(-1, -1, -1, 1, _risk.Atoms)).flatten(0, 3);
}
