using SafeMarl.ML.Losses;
using SafeMarl.ML.Networks;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.ValueFactorization;

/// <summary>
/// What the recurrent network that all agents share says of whole episodes, all steps at once. There is one that learns, and one of older weights that targets
/// come from.
/// </summary>
/// <param name="agents">The agents' network.</param>
/// <param name="learns">Whether losses need gradients.</param>
/// <param name="needsStates">Whether losses need hidden states, too.</param>
/// <param name="threads">Threads to use.</param>
internal sealed class TeamValues(RecurrentModule agents, bool learns, bool needsStates, int threads)
{
    private readonly ExpectedReturns? _expected = agents.Shape.Recurrence!.Feedback is null ? null : new ExpectedReturns(agents, threads);

    /// <summary>Whether values are distributions.</summary>
    public bool IsDistributional => agents.Embedding is not null;

    /// <summary>What agents think of every alternative.</summary>
    /// <param name="sequences">T steps of B episodes.</param>
    /// <param name="taus">Quantile fractions [T + 1, B, K] where values are distributions, ascending.</param>
    public Views Look(TeamSequences sequences, double[] taus)
    {
        int steps = sequences.Steps + 1, count = taus.Length / (steps * sequences.Size);
        if (!IsDistributional && !needsStates)
        {
            Tensor leaf = agents.UnrollValues(sequences.InputValues, sequences.Rows, learns, threads);
            return new Views(leaf, null, null, leaf.view(steps, sequences.Size, sequences.Agents, -1), sequences);
        }
        Tensor unrolled = agents.Unroll(sequences.InputValues, sequences.Rows, _expected?.Of(sequences), learns, threads);
        Tensor states = unrolled.view(steps, sequences.Size, sequences.Agents, -1);
        Tensor? embeddings = agents.Embedding is { } embedding ? embedding.forward(embedding.Cosines(taus, steps, sequences.Size, count)) : null; // [T + 1, B, K, size]
        Tensor values = agents.Values(embeddings is null ? states : states * agents.Worth(embeddings)); // [T + 1, B, n, A]
        return new Views(unrolled, states, embeddings, values, sequences);
    }

    /// <summary>The joint value of actions in consecutive steps.</summary>
    /// <param name="mixer">Mixes the agents' values.</param>
    /// <param name="sequences">T steps of B episodes.</param>
    /// <param name="views">What agents think of them.</param>
    /// <param name="chosen">Numbers of the actions [steps, B, n].</param>
    /// <returns>[steps B, K]; K is 1 for values that are numbers.</returns>
    public Tensor Joint(Mixer mixer, TeamSequences sequences, Views views, Tensor chosen)
    {
        long steps = chosen.shape[0], rows = steps * sequences.Size;
        Tensor values = Taken(views.Values, chosen);
        Tensor states = sequences.StatesOf(steps);
        Situation situation = mixer.SeesActions
            ? new(states, values, views.BestValues.narrow(0, 0, steps).view(rows, sequences.Agents), OneHot(chosen, sequences).view(rows, -1))
            : new(states, values);
        if (views.Embeddings is null)
            return mixer.Mix(situation).unsqueeze(1);
        Tensor hidden = views.States!.narrow(0, 0, steps).reshape(rows, sequences.Agents, -1), embeddings = views.Embeddings.narrow(0, 0, steps).reshape(rows, views.Embeddings.shape[2], -1);
        return mixer.MixDistributions(situation, agents.Quantiles(hidden, chosen.reshape(rows, sequences.Agents), embeddings));
    }

    /// <summary>Values [T + 1, B, n, A] of actions in consecutive steps [steps, B, n]: [steps B, n].</summary>
    public static Tensor Taken(Tensor values, Tensor chosen) => values.narrow(0, 0, chosen.shape[0]).gather(3, chosen.unsqueeze(3)).squeeze(3).flatten(0, 1);

    /// <summary>How far joint values are from their targets: squares, or of distributions the quantile Huber loss [M].</summary>
    /// <param name="sequences">T steps of B episodes.</param>
    /// <param name="joint">Of <see cref="Joint"/> [M, K].</param>
    /// <param name="taus">Fractions of its quantiles, those of <see cref="Look"/>.</param>
    /// <param name="returns">Targets [M, K'].</param>
    public Tensor Errors(TeamSequences sequences, Tensor joint, double[] taus, Tensor returns) => IsDistributional
        ? QuantileHuberLoss.Of(joint, sequences.Tensor(taus[..(int)joint.numel()], joint.shape), returns)
        : (joint - returns).square().sum([1]);

    /// <summary>Actions [.., n] one-hot [.., n, A].</summary>
    public static Tensor OneHot(Tensor chosen, TeamSequences sequences) => chosen.unsqueeze(-1).eq(sequences.Numbers).to(sequences.States.dtype);

    /// <summary>What agents think of every alternative.</summary>
    /// <param name="Leaf">To which losses have gradients: the agents' hidden states [T + 1, B n, size], or where those are not needed their values.</param>
    /// <param name="States">Hidden states [T + 1, B, n, size]; null where they are not needed.</param>
    /// <param name="Embeddings">Of quantile fractions [T + 1, B, K, size]; null: values are numbers.</param>
    /// <param name="Values">Values, or means of them [T + 1, B, n, A].</param>
    /// <param name="Sequences">What they look at.</param>
    public sealed record Views(Tensor Leaf, Tensor? States, Tensor? Embeddings, Tensor Values, TeamSequences Sequences)
    {
        private Tensor? _best;

        /// <summary>Number of the best available alternative [T + 1, B, n].</summary>
        public Tensor Best => _best ??= Sequences.Best(Values);

        /// <summary>Its value, without gradient [T + 1, B, n].</summary>
        public Tensor BestValues => Values.detach().gather(3, Best.unsqueeze(3)).squeeze(3);
    }

    /// <summary>Value of what is not available.</summary>
    public const double Unavailable = -1e7;
}
