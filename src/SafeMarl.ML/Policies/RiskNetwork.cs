using System.Numerics.Tensors;

namespace SafeMarl.ML.Policies;

/// <summary>
/// Managed inference of <see cref="RiskLevels"/>: what the network gave in the step before says how careful to be about the distributions of now, so that a level depends on what has been, as in RMIX. Before
/// anything has been, all levels are alike and the most careful one counts.
/// </summary>
internal sealed class RiskNetwork : CompanionNetwork
{
    private readonly RiskLevels _risk;
    private readonly float[][] _weights; // of each level's atoms in ascending order

    public RiskNetwork(NetworkShape shape, RiskLevels risk) : base(shape) =>
        (_risk, _weights) = (risk, [.. Shares(risk.Levels).Select(share => new Distortion(RiskMeasure.ConditionalValueAtRisk, share).Weights(risk.Atoms).Select(w => (float)w).ToArray())]);

    /// <summary>The share of the lowest returns that counts at each level.</summary>
    public static IEnumerable<double> Shares(int levels) => Enumerable.Range(1, levels).Select(level => (double)level / levels);

    public override void Evaluate(
        ReadOnlySpan<float> observations, int rows, int stride, int agent, Span<float> memories, int memoryStride, ReadOnlySpan<float> outputs, int width, Span<float> values)
    {
        using var large = new LargeScratch(_risk.Atoms);
        Span<float> atoms = large.IsNeeded ? large.Span : stackalloc float[_risk.Atoms];
        for (int i = 0; i < rows; i++)
        {
            ReadOnlySpan<float> own = outputs.Slice(i * width, width);
            float[] weights = _weights[Level(own.Slice(Alternatives * _risk.Atoms, _risk.Size), Given(memories[(i * memoryStride)..]))];
            for (int alternative = 0; alternative < Alternatives; alternative++)
            {
                own.Slice(alternative * _risk.Atoms, _risk.Atoms).CopyTo(atoms);
                atoms.Sort();
                values[i * Alternatives + alternative] = TensorPrimitives.Dot<float>(atoms, weights);
            }
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
