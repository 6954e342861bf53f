using SafeMarl.ML.Buffers;
using SafeMarl.ML.Constraints;
using SafeMarl.ML.Files;

namespace SafeMarl.ML.Algorithms.OnPolicy;

/// <summary>A multiplier for every cost of every agent.</summary>
/// <param name="task">The task.</param>
/// <param name="make">Makes the multiplier of a channel.</param>
internal sealed class AgentMultipliers(TaskShape task, Func<string, LagrangeMultiplier> make)
{
    private readonly LagrangeMultiplier[][] _multipliers = [.. task.Agents.Select(a => a.CostChannels.Select(make).ToArray())];

    /// <summary>An agent's multipliers in the order of its channels.</summary>
    public IReadOnlyList<LagrangeMultiplier> this[int agent] => _multipliers[agent];

    /// <summary>Moves every multiplier by its own agent's cost. Without a finished episode nothing new is known of that, and all wait.</summary>
    public void Update(OnPolicyBatch batch)
    {
        for (int agent = 0; agent < _multipliers.Length; agent++)
        {
            for (int channel = 0; channel < _multipliers[agent].Length; channel++)
            {
                if (batch.MeanEpisodeCost(agent, channel) is { } cost)
                    _multipliers[agent][channel].Update(cost);
            }
        }
    }

    /// <summary>Adds every multiplier to what an update reports, and which are at their bound.</summary>
    public void Report(Metrics metrics)
    {
        for (int agent = 0; agent < _multipliers.Length; agent++)
        {
            for (int channel = 0; channel < _multipliers[agent].Length; channel++)
            {
                string whose = $"{task.Agents[agent].Name}/{task.Agents[agent].CostChannels[channel]}";
                metrics.Add($"{MetricNames.Multiplier}/{whose}", _multipliers[agent][channel].Value);
                metrics.Add($"{MetricNames.Saturated}/{whose}", _multipliers[agent][channel].IsSaturated ? 1 : 0);
            }
        }
    }

    public void Save(TensorFile file)
    {
        for (int agent = 0; agent < _multipliers.Length; agent++)
            file.Add<double>($"multipliers{agent}", [.. _multipliers[agent].SelectMany(m => m.State)]);
    }

    public void Load(TensorFile file)
    {
        for (int agent = 0; agent < _multipliers.Length; agent++)
        {
            int size = _multipliers[agent].Length > 0 ? _multipliers[agent][0].State.Length : 0;
            double[] states = file.Get<double>($"multipliers{agent}", _multipliers[agent].Length * size);
            for (int channel = 0; channel < _multipliers[agent].Length; channel++)
                _multipliers[agent][channel].State = states[(channel * size)..((channel + 1) * size)];
        }
    }
}
