namespace SafeMarl.ML.Policies;

/// <summary>
/// What makes a network recurrent: behind its hidden layer comes a gated recurrent unit of the same width, and beside the observation it sees the
/// agent's last action and which agent it is, both one-hot.
/// </summary>
/// <param name="Agents">Agents that the network tells apart.</param>
/// <param name="Feedback">Whether it also sees the return that it expected before; null: no.</param>
/// <param name="Alternatives">What an agent can choose from; null: as many as the network has outputs.</param>
internal sealed record Recurrence(int Agents, ReturnFeedback? Feedback = null, int? Alternatives = null)
{
    /// <summary>Numbers that an agent must keep from step to step: hidden state, last action, and expected return.</summary>
    public int MemorySize(int hiddenSize) => hiddenSize + 1 + (Feedback?.Quantiles ?? 0);

    /// <exception cref="FormatException">No such network can be.</exception>
    public void ThrowIfImpossible(NetworkShape network)
    {
        if (network.HiddenLayers != 1 || network.InputNorm || network.LayerNorm || network.ActivationOf(0) != Activation.ReLU || Agents is < 1 or > PolicyManifest.MaxSize
            || Feedback is { } f && (f.Quantiles is < 1 or > PolicyManifest.MaxSize || f.HyperSize is < 1 or > PolicyManifest.MaxSize || f.Heads is < 1 or > MaxHeads
                || (long)network.HiddenSize * network.HiddenSize * f.Heads > MaxGenerated))
            throw new FormatException("a recurrent network in its manifest is impossible");
    }

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
