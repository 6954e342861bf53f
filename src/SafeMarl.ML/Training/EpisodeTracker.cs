using SafeMarl.Environments;
using SafeMarl.ML.Buffers;

namespace SafeMarl.ML.Training;

/// <summary>Sums what each environment's running episode has brought so far. Threads may track different environments at once.</summary>
internal sealed class EpisodeTracker
{
    private readonly EnvironmentSpec _spec;
    private readonly double[] _returns, _costs;
    private readonly int[] _lengths;

    public EpisodeTracker(EnvironmentSpec spec, int environments)
    {
        _spec = spec;
        _returns = new double[environments * spec.Layout.AgentCount];
        _costs = new double[environments * spec.Layout.CostSize];
        _lengths = new int[environments];
    }

    /// <summary>Takes in a step; gives the episode when the step ended it.</summary>
    public EpisodeSummary? Add(int environment, StepBuffer step, EpisodeStatus status)
    {
        Span<double> returns = _returns.AsSpan(environment * _spec.Layout.AgentCount, _spec.Layout.AgentCount);
        Span<double> costs = _costs.AsSpan(environment * _spec.Layout.CostSize, _spec.Layout.CostSize);
        for (int agent = 0; agent < returns.Length; agent++)
        {
            returns[agent] += step.Reward(agent);
            Span<double> own = costs[_spec.Layout.Costs(agent)];
            for (int channel = 0; channel < own.Length; channel++)
                own[channel] += step.Cost(agent, channel);
        }
        _lengths[environment]++;
        if (status == EpisodeStatus.Running)
            return null;
        var costsByAgent = new double[returns.Length][];
        for (int agent = 0; agent < returns.Length; agent++)
            costsByAgent[agent] = costs[_spec.Layout.Costs(agent)].ToArray();
        var summary = new EpisodeSummary(_lengths[environment], returns.ToArray(), costsByAgent);
        returns.Clear();
        costs.Clear();
        _lengths[environment] = 0;
        return summary;
    }

    public void Save(Files.TensorFile file)
    {
        file.Add<double>("episodes.returns", _returns);
        file.Add<double>("episodes.costs", _costs);
        file.Add<long>("episodes.lengths", [.. _lengths.Select(l => (long)l)]);
    }

    public void Load(Files.TensorFile file)
    {
        file.Get<double>("episodes.returns", _returns.Length).CopyTo(_returns, 0);
        file.Get<double>("episodes.costs", _costs.Length).CopyTo(_costs, 0);
        file.Get<long>("episodes.lengths", _lengths.Length).Select(l => (int)l).ToArray().CopyTo(_lengths, 0);
    }
}
