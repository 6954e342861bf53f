using SafeMarl.ML.Buffers;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.ValueFactorization;

/// <summary>What the barrier of actions is learned from.</summary>
/// <param name="DangerSteps">Steps k before an agent is lost in which its actions count as dangerous.</param>
/// <param name="Decay">alpha: share of its barrier that an action may give up in a step.</param>
/// <param name="Margin">By how much barriers of dangerous actions should be below 0.</param>
/// <param name="Channel">Name of the cost that is 1 when an agent is lost.</param>
internal sealed record ActionBarrierSettings(int DangerSteps, double Decay, double Margin, string Channel);

/// <summary>
/// The loss of a neural barrier (Qin et al. 2021) for alternatives: <c>b(tau, u)</c> below 0 for what an agent did in the last k steps before it was lost, at least 0 for what it did else, and from step to step
/// <c>b' >= (1 - alpha) b</c>, by which danger is seen ahead. Means of hinges, dangerous steps counting twice.
/// </summary>
internal sealed class ActionBarrierLoss
{
    private const double DangerWeight = 2; // MACBF

    private readonly ActionBarrierSettings _settings;
    private readonly IReadOnlyList<(int Agent, int Column)> _columns;

    /// <exception cref="InvalidOptionsException">No agent has the cost, or all have the same.</exception>
    public ActionBarrierLoss(TaskShape task, ActionBarrierSettings settings)
    {
        (_settings, _columns) = (settings, LossColumns.Of(task, settings.Channel));
        if (task.SharedCosts && task.Agents.Count > 1)
        {
            throw new InvalidOptionsException(
                $"LossChannel is '{settings.Channel}', a cost that all agents share, so that nobody knows which of them was lost. Name a cost that the task does not have: if it says which agents are lost, each is then given its own.");
        }
    }

    /// <summary>The loss.</summary>
    /// <param name="sequences">T steps of B episodes.</param>
    /// <param name="barriers">Of every alternative [T + 1, B, n, A].</param>
    /// <param name="metrics">Receives what is noteworthy.</param>
    public Tensor Of(TeamSequences sequences, Tensor barriers, Metrics metrics)
    {
        (float[] danger, float[] safe) = Labels(sequences.Batch);
        Tensor dangerous = sequences.Tensor(danger, danger.Length), harmless = sequences.Tensor(safe, safe.Length); // [T B n]
        Tensor now = TeamValues.Taken(barriers, sequences.Chosen).flatten(); // [T B n]
        Tensor loss = DangerWeight * Mean((now + _settings.Margin).clamp_min(0), dangerous) + Mean((-now).clamp_min(0), harmless);
        long each = sequences.Size * sequences.Agents, later = now.shape[0] - each;
        if (later > 0)
        {
            // What an agent does next is known while it is there.
            Tensor fall = (1 - _settings.Decay) * now.narrow(0, 0, later) - now.narrow(0, each, later), there = (dangerous + harmless).narrow(0, each, later);
            loss += DangerWeight * Mean((fall + _settings.Margin).clamp_min(0), dangerous.narrow(0, 0, later) * there) + Mean(fall.clamp_min(0), harmless.narrow(0, 0, later) * there);
        }
        metrics.Add("barrier/loss", loss.ToDouble());
        metrics.Add("barrier/dangerous", danger.Sum() / Math.Max(1, danger.Sum() + safe.Sum()));
        metrics.Add("barrier/recognised", Mean(now.detach().lt(0).to(now.dtype), dangerous).ToDouble());
        metrics.Add("barrier/rejected", Mean(now.detach().lt(0).to(now.dtype), harmless).ToDouble());
        return loss;
    }

    // 1 for steps of agents that are lost within k steps, and for steps of agents that are not [T, B, n]; both 0 once they are lost, and where an episode was cut off before it could be known.
    internal (float[] Dangerous, float[] Safe) Labels(EpisodeBatch batch)
    {
        int agents = batch.Layout.Task.Agents.Count;
        float[] dangerous = new float[batch.Steps * batch.Size * agents], safe = new float[dangerous.Length];
        for (int b = 0; b < batch.Size; b++)
        {
            foreach ((int agent, int column) in _columns)
            {
                int lost = 0; // the step in which it is
                while (lost < batch.Lengths[b] && batch.Record(lost, b)[column] == 0)
                    lost++;
                bool isLost = lost < batch.Lengths[b];
                int known = isLost ? lost + 1 : batch.Terminated[b] ? lost : lost - _settings.DangerSteps + 1; // steps of which it is known what came
                for (int t = 0; t < known; t++)
                    (isLost && lost - t < _settings.DangerSteps ? dangerous : safe)[(t * batch.Size + b) * agents + agent] = 1;
            }
        }
        return (dangerous, safe);
    }

    // 0 where there is none.
    private static Tensor Mean(Tensor values, Tensor weights) => (values * weights).sum() / weights.sum().clamp_min(1);
}
