namespace SafeMarl.ML.Policies;

/// <summary>
/// Managed inference of <see cref="RiskLevels"/>: what the network gave in the step before says how careful to be about the distributions of now, so that a level depends on what has been, as in RMIX. Before
/// anything has been, all levels are alike and the most careful one counts.
/// </summary>
internal sealed class RiskNetwork(NetworkShape shape, RiskLevels risk) : CompanionNetwork(shape)
{
    private readonly RiskLevels _risk = risk;

    /// <summary>The share of the lowest returns that counts at each level.</summary>
    public static IEnumerable<double> Shares(int levels) => Enumerable.Range(1, levels).Select(level => (double)level / levels);

    /// <summary>Values of alternatives.</summary>
    /// <param name="distributions">Their atoms <c>[alternatives, K]</c>.</param>
    /// <param name="risk">Atoms and levels.</param>
    /// <param name="level">Which level counts, from 0.</param>
    /// <param name="values">Receives <c>[alternatives]</c>.</param>
    public static void Evaluate(ReadOnlySpan<float> distributions, RiskLevels risk, int level, Span<float> values)
    {
        float count = (level + 1f) * risk.Atoms / risk.Levels;
        using var large = new LargeScratch(risk.Atoms);
        Span<float> atoms = large.IsNeeded ? large.Span : stackalloc float[risk.Atoms];
        for (int alternative = 0; alternative < values.Length; alternative++)
        {
            distributions.Slice(alternative * risk.Atoms, risk.Atoms).CopyTo(atoms);
            values[alternative] = LowestShare.Mean(atoms, count);
        }
    }

    public override void Evaluate(
        ReadOnlySpan<float> observations, int rows, int stride, int agent, Span<float> memories, int memoryStride, ReadOnlySpan<float> outputs, int width, Span<float> values)
    {
        for (int i = 0; i < rows; i++)
        {
            ReadOnlySpan<float> own = outputs.Slice(i * width, width);
            int level = Level(own.Slice(Alternatives * _risk.Atoms, _risk.Size), Given(memories[(i * memoryStride)..]));
            Evaluate(own, _risk, level, values.Slice(i * Alternatives, Alternatives));
        }
        Step(observations, rows, stride, agent, memories, memoryStride);
    }

    private int Level(ReadOnlySpan<float> present, ReadOnlySpan<float> past)
    {
        (int best, float highest) = (0, float.NegativeInfinity);
        for (int level = 0; level < _risk.Levels; level++)
        {
            float sum = 0;
            for (int k = 0; k < _risk.Size; k++)
                sum += present[k] * past[k * _risk.Levels + level];
            if (sum > highest)
                (best, highest) = (level, sum);
        }
        return best;
    }
}
