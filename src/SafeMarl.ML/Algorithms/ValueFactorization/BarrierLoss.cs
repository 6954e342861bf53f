using SafeMarl.ML.Buffers;
using SafeMarl.ML.Losses;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.ValueFactorization;

/// <summary>What the barrier loss of DBF and QBF weighs.</summary>
/// <param name="Discount">gamma_B.</param>
/// <param name="Decay">lambda_B.</param>
/// <param name="Threshold">omega: an episode counts when it lost more agents.</param>
/// <param name="Temperature">Of the softmax that makes a policy of values.</param>
/// <param name="UseBaseline">Whether the mean hinge of the episodes at a step is taken off.</param>
/// <param name="Channel">Name of the cost that counts lost agents.</param>
internal sealed record BarrierSettings(double Discount, double Decay, double Threshold, double Temperature, bool UseBaseline, string Channel);

/// <summary>
/// The barrier loss (DBF, eq. 5) as a gradient that reaches the agents: the paper's loss is a number of the data, on which no parameter has an effect. For a fixed
/// barrier the gradient of its expectation is that of <c>1/T sum_t h_t sum_i log pi_i(u_i)</c>, pi being the softmax of the agents' values, on episodes that the
/// present policy played.
/// </summary>
internal sealed class BarrierLoss
{
    private readonly BarrierSettings _settings;
    private readonly int[] _columns; // where a record has lost agents

    /// <exception cref="InvalidOptionsException">No agent has the cost.</exception>
    public BarrierLoss(TaskShape task, BarrierSettings settings)
    {
        _settings = settings;
        int[] columns = [.. LossColumns.Of(task, settings.Channel).Select(c => c.Column)];
        _columns = task.SharedCosts ? columns[..1] : columns;
    }

    /// <summary>What the log-probability of each joint action is weighed with <c>[T, B]</c>; null when no episode lost as many agents.</summary>
    public float[]? Weights(EpisodeBatch batch, Metrics metrics)
    {
        float[][] hinges = new float[batch.Size][];
        double lost = 0;
        for (int b = 0; b < batch.Size; b++)
        {
            var arrivals = new float[batch.Lengths[b] + 1]; // newly lost in each state
            for (int t = 0; t < batch.Lengths[b]; t++)
            {
                foreach (int column in _columns)
                    arrivals[t + 1] += batch.Record(t, b)[column];
            }
            double total = arrivals.Sum();
            lost += total;
            hinges[b] = total > _settings.Threshold ? new float[batch.Lengths[b]] : [];
            if (hinges[b].Length > 0)
                BarrierHinge.Of(arrivals, _settings.Discount, _settings.Decay, hinges[b]);
        }
        int active = hinges.Count(h => h.Length > 0);
        metrics.Add("barrier/lost", lost / batch.Size);
        metrics.Add("barrier/active", (double)active / batch.Size);
        metrics.Add("barrier/loss", active == 0 ? 0 : hinges.Where(h => h.Length > 0).Average(h => (double)h.Sum() / (h.Length + 1)));
        return active == 0 ? null : Weights(hinges, batch.Steps, active);
    }

    private float[] Weights(float[][] hinges, int steps, int active)
    {
        var weights = new float[steps * hinges.Length];
        for (int t = 0; t < steps; t++)
        {
            float[] present = [.. hinges.Where(h => h.Length > t).Select(h => h[t])];
            float baseline = _settings.UseBaseline && present.Length > 1 ? present.Average() : 0;
            for (int b = 0; b < hinges.Length; b++)
            {
                if (t < hinges[b].Length)
                    weights[t * hinges.Length + b] = (hinges[b][t] - baseline) / ((hinges[b].Length + 1f) * active); // T counts the states
            }
        }
        return weights;
    }

    /// <summary>The loss whose gradient is the barrier's.</summary>
    /// <param name="sequences">T steps of B episodes.</param>
    /// <param name="values">The agents' values [T + 1, B, n, A].</param>
    /// <param name="weights">Of <see cref="Weights(EpisodeBatch, Metrics)"/> [T, B].</param>
    public Tensor Of(TeamSequences sequences, Tensor values, Tensor weights)
    {
        Tensor logits = values.narrow(0, 0, sequences.Steps) / _settings.Temperature;
        if (sequences.Available() is { } available)
            logits = logits.masked_fill(available.narrow(0, 0, sequences.Steps).logical_not(), TeamValues.Unavailable);
        Tensor logProbs = logits.log_softmax(3).gather(3, sequences.Chosen.unsqueeze(3)).squeeze(3).sum([2]); // [T, B]
        return (weights * logProbs).sum();
    }
}
