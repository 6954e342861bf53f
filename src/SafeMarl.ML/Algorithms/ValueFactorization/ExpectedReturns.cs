using System.Numerics.Tensors;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Threading;

namespace SafeMarl.ML.Algorithms.ValueFactorization;

/// <summary>
/// The return distributions that agents look back at along episodes, as acting with the present weights gives them: each step's depends on the one before, so
/// that the managed network is stepped through.
/// </summary>
/// <param name="agents">The agents' network.</param>
/// <param name="threads">Threads to use.</param>
internal sealed class ExpectedReturns(RecurrentModule agents, int threads)
{
    private readonly RecurrentNetwork _network = new(agents.Shape);

    /// <summary>Before every step <c>[M, K]</c>, as <see cref="TeamSequences.Rows"/> lie.</summary>
    public float[] Of(TeamSequences sequences)
    {
        agents.CopyTo(_network);
        int quantiles = agents.Shape.Recurrence!.Feedback!.Quantiles;
        var expected = new float[sequences.Rows.Total * quantiles];
        ParallelWork.Run(threads, Enumerable.Range(0, sequences.Agents).Select(agent => (Action)(() => Follow(sequences, agent, quantiles, expected))));
        return expected;
    }

    private void Follow(TeamSequences sequences, int agent, int quantiles, float[] expected)
    {
        int memorySize = agents.Shape.MemorySize, alternatives = sequences.Alternatives;
        float[] memories = new float[sequences.Size * memorySize], values = new float[sequences.Size * alternatives];
        for (int t = 0; t <= sequences.Steps; t++)
        {
            int first = sequences.Rows.Offset(t) + agent, episodes = sequences.Rows.Count(t) / sequences.Agents;
            for (int b = 0; b < episodes; b++)
            {
                Span<float> target = expected.AsSpan((first + b * sequences.Agents) * quantiles, quantiles);
                TensorPrimitives.Add(memories.AsSpan((b + 1) * memorySize - quantiles, quantiles), 1f, target);
            }
            if (t == sequences.Steps)
                return;
            _network.Step(sequences.InputValues.AsSpan(first * sequences.InputStride), episodes, sequences.Agents * sequences.InputStride, agent, memories, memorySize, values);
            for (int b = 0; b < episodes; b++)
            {
                int at = (t * sequences.Size + b) * sequences.Agents + agent;
                int best = ActionSampling.Likeliest(values.AsSpan(b * alternatives, alternatives), sequences.MaskOf(at));
                _network.Note(memories.AsSpan(b * memorySize, memorySize), best, (int)sequences.ChosenValues[at]);
            }
        }
    }
}
