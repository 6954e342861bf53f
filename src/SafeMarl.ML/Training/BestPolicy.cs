using SafeMarl.ML.Buffers;
using SafeMarl.ML.Files;

namespace SafeMarl.ML.Training;

/// <summary>
/// Remembers the policy whose own training episodes were best: those that kept every limit before those that did not, then by mean return,
/// or by the mean excess over the limits.
/// </summary>
internal sealed class BestPolicy(RunDescription run, IReadOnlyList<IReadOnlyList<string>> channels) : ICheckpointed
{
    private double _excess = double.PositiveInfinity, _return = double.NegativeInfinity;

    /// <summary>The best policy so far; null before any episode has ended.</summary>
    public Policy? Policy { get; private set; }

    /// <summary>Considers the policy that acted in a rollout; to be called before it is updated.</summary>
    public void Consider(Policy policy, long steps, IReadOnlyList<EpisodeSummary> episodes)
    {
        if (episodes.Count == 0)
            return;
        double excess = 0, value = episodes.Average(e => e.Returns.Average());
        for (int agent = 0; agent < channels.Count; agent++)
        {
            for (int channel = 0; channel < channels[agent].Count; channel++)
            {
                if (run.CostLimits.TryGetValue(channels[agent][channel], out double limit))
                    excess += Math.Max(0, episodes.Average(e => e.Costs[agent][channel]) - limit);
            }
        }
        if (excess > _excess || (excess == _excess && value <= _return))
            return;
        (_excess, _return, Policy) = (excess, value, policy.Copy(run.Origin(steps)));
    }

    public void Save(TensorFile file)
    {
        file.Add<double>("best.score", [_excess, _return]);
        using var memory = new MemoryStream();
        Policy?.Save(memory);
        file.Add<byte>("best.policy", memory.ToArray());
    }

    /// <summary>Reads what <see cref="Save"/> wrote; a checkpoint of a run that did not look for the best leaves everything as it is.</summary>
    public void Load(TensorFile file)
    {
        if (!file.Contains("best.score"))
            return;
        double[] score = file.Get<double>("best.score", 2);
        (_excess, _return) = (score[0], score[1]);
        byte[] policy = file.Get<byte>("best.policy");
        Policy = policy.Length == 0 ? null : Policy.FromBytes(policy, file.Origin);
    }
}
