namespace SafeMarl.ML.Policies;

/// <summary>
/// What makes a network recurrent: behind its hidden layer comes a gated recurrent unit of the same width, and beside the observation it sees the
/// agent's last action and which agent it is, both one-hot.
/// </summary>
/// <param name="Agents">Agents that the network tells apart.</param>
/// <param name="Feedback">Whether it also sees the return that it expected before; null: no.</param>
/// <param name="Alternatives">What an agent can choose from; null: as many as the network has outputs.</param>
/// <param name="Risk">Whether outputs are return distributions, and a second network says how careful to be; null: no.</param>
/// <param name="Barrier">Whether a second network rejects alternatives; null: no.</param>
internal sealed record Recurrence(int Agents, ReturnFeedback? Feedback = null, int? Alternatives = null, RiskLevels? Risk = null, ActionBarrier? Barrier = null)
{
    /// <summary>Numbers that an agent must keep from step to step for the network itself: hidden state, last action, and expected return.</summary>
    public int MemorySize(int hiddenSize) => hiddenSize + 1 + (Feedback?.Quantiles ?? 0);

    /// <exception cref="FormatException">No such network can be.</exception>
    public void ThrowIfImpossible(NetworkShape network)
    {
        if (network.HiddenLayers != 1 || network.InputNorm || network.LayerNorm || network.ActivationOf(0) != Activation.ReLU || Agents is < 1 or > PolicyManifest.MaxSize
            || Feedback is { } f && (f.Quantiles is < 1 or > PolicyManifest.MaxSize || f.HyperSize is < 1 or > PolicyManifest.MaxSize || f.Heads is < 1 or > MaxHeads
                || (long)network.HiddenSize * network.HiddenSize * f.Heads > MaxGenerated))
            throw new FormatException("a recurrent network in its manifest is impossible");
        if (Alternatives is < 1 or > PolicyManifest.MaxSize || network.Outputs != OutputsOf(network.Alternatives) || Feedback is not null && (Risk is not null || Barrier is not null) || Risk is not null && Barrier is not null
            || Risk is { } r && (r.Atoms is < 1 or > PolicyManifest.MaxSize || r.Levels is < 1 or > PolicyManifest.MaxSize || r.Size is < 1 or > PolicyManifest.MaxSize || (long)r.Levels * r.Size > PolicyManifest.MaxSize)
            || Barrier is { Decay: not (>= 0 and <= 1) })
            throw new FormatException("what is beside a recurrent network in its manifest is impossible");
    }

    private long OutputsOf(int alternatives) => Risk is null ? alternatives : (long)alternatives * Risk.Atoms + Risk.Size;

    private const int MaxHeads = 64, MaxGenerated = 1 << 24;
}

/// <summary>
/// A layer whose weights a small network makes from the distribution of the return that the agent expected in the step before (DBF). It maps the hidden
/// layer to <paramref name="Heads"/> vectors of the same width, which are averaged by learned weights.
/// </summary>
/// <param name="Quantiles">Numbers that describe the distribution.</param>
/// <param name="HyperSize">Width of the small network's hidden layer.</param>
/// <param name="Heads">Vectors that are averaged.</param>
/// <param name="NonNegativeWeights">Whether the weights that it makes are cut off at 0.</param>
internal sealed record ReturnFeedback(int Quantiles, int HyperSize, int Heads, bool NonNegativeWeights);

/// <summary>
/// Return distributions that a second network says how careful to be about (RMIX). The first network gives <paramref name="Atoms"/> numbers for every alternative, and last <paramref name="Size"/> numbers that
/// the second one's are multiplied with: of the products, one for each level, the highest counts. An alternative is worth the mean of its distribution's lowest share, the level of all levels.
/// </summary>
/// <param name="Atoms">Numbers of a distribution.</param>
/// <param name="Levels">Levels from the most careful one to the mean.</param>
/// <param name="Size">Numbers that both networks have for each product.</param>
internal sealed record RiskLevels(int Atoms, int Levels, int Size);

/// <summary>
/// A second network that gives a barrier for every alternative, at least 0 where it is safe (a control barrier function). Rejected is what is below what the last action had promised, less
/// <paramref name="Decay"/> of it; if nothing else can be done, the highest barrier counts. Values of what is rejected are therefore below all others, in the order of their barriers.
/// </summary>
/// <param name="Decay">Share of its barrier that an action may give up in a step.</param>
internal sealed record ActionBarrier(double Decay);
