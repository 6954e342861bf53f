using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Files;

namespace SafeMarl.ML.Training;

/// <summary>Sums what each environment's running episode has brought so far. Threads may track different environments at once.</summary>
internal sealed class EpisodeTracker : ICheckpointed
{
    private readonly EnvironmentSpec _spec;
    private readonly double[] _returns, _costs, _deviations;
    private readonly int[] _lengths;

    public EpisodeTracker(EnvironmentSpec spec, int environments)
    {
        _spec = spec;
        _returns = new double[environments * spec.Layout.AgentCount];
        _costs = new double[environments * spec.Layout.CostSize];
        _deviations = new double[spec.HasDeviation ? environments * spec.Layout.AgentCount : 0];
        _lengths = new int[environments];
    }

    /// <summary>Takes in a step; gives the episode when the step ended it.</summary>
    public EpisodeSummary? Add(int environment, StepBuffer step, EpisodeStatus status)
    {
        Span<double> returns = _returns.AsSpan(environment * _spec.Layout.AgentCount, _spec.Layout.AgentCount);
        Span<double> costs = _costs.AsSpan(environment * _spec.Layout.CostSize, _spec.Layout.CostSize);
        Span<double> deviations = _spec.HasDeviation ? _deviations.AsSpan(environment * _spec.Layout.AgentCount, _spec.Layout.AgentCount) : default;
        for (int agent = 0; agent < returns.Length; agent++)
        {
            returns[agent] += step.Reward(agent);
            Span<double> own = costs[_spec.Layout.Costs(agent)];
            for (int channel = 0; channel < own.Length; channel++)
                own[channel] += step.Cost(agent, channel);
        }
        for (int agent = 0; agent < deviations.Length; agent++)
            deviations[agent] += step.Deviation(agent);
        _lengths[environment]++;
        if (status == EpisodeStatus.Running)
            return null;
        var costsByAgent = new double[returns.Length][];
        for (int agent = 0; agent < returns.Length; agent++)
            costsByAgent[agent] = costs[_spec.Layout.Costs(agent)].ToArray();
        var summary = new EpisodeSummary(_lengths[environment], returns.ToArray(), costsByAgent, deviations.ToArray());
        returns.Clear();
        costs.Clear();
        deviations.Clear();
        _lengths[environment] = 0;
        return summary;
    }

    public void Save(TensorFile file)
    {
        file.Add<double>("episodes.returns", _returns);
        file.Add<double>("episodes.costs", _costs);
        file.Add<double>("episodes.deviations", _deviations);
        file.Add<long>("episodes.lengths", [.. _lengths.Select(l => (long)l)]);
    }

    public void Load(TensorFile file)
    {
        file.CopyTo<double>("episodes.returns", _returns);
        file.CopyTo<double>("episodes.costs", _costs);
        file.CopyTo<double>("episodes.deviations", _deviations);
        file.Get<long>("episodes.lengths", _lengths.Length).Select(l => (int)l).ToArray().CopyTo(_lengths, 0);
    }
}
