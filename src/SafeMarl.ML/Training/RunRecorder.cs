using SafeMarl.Environments;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Buffers;

namespace SafeMarl.ML.Training;

/// <summary>Turns what an iteration brought into a report and hands it to everybody who watches the run.</summary>
internal sealed class RunRecorder : IDisposable
{
    private readonly RunDescription _description;
    private readonly EnvironmentSpec _spec;
    private readonly TrainingRun _run;
    private readonly ITrainingLog _log;
    private readonly TrainingInstruments _instruments;
    private readonly long _startSteps, _startTime;
    private readonly HashSet<string> _warned = [];
    private long _lastSteps, _lastTime;

    /// <param name="plan">What the run is and who watches it.</param>
    /// <param name="spec">The task.</param>
    /// <param name="steps">Steps already taken by a run that is resumed.</param>
    public RunRecorder(RunPlan plan, EnvironmentSpec spec, long steps)
    {
        (_description, _spec, _run, _log) = (plan.Description, spec, plan.Run, plan.Log);
        _instruments = new TrainingInstruments(steps);
        _startSteps = _lastSteps = steps;
        _startTime = _lastTime = _run.TimeProvider.GetTimestamp();
    }

    public void Record(long iteration, long steps, IReadOnlyList<EpisodeSummary> episodes, Metrics metrics)
    {
        long now = _run.TimeProvider.GetTimestamp();
        TimeSpan elapsed = _run.TimeProvider.GetElapsedTime(_startTime, now), last = _run.TimeProvider.GetElapsedTime(_lastTime, now);
        double meanSpeed = (steps - _startSteps) / Math.Max(elapsed.TotalSeconds, 1e-9);
        Dictionary<string, double> byName = metrics.ToDictionary(m => m.Key, m => m.Value);
        var progress = new TrainingProgress
        {
            Algorithm = _description.Algorithm,
            Environment = _description.Environment,
            Seed = _description.Seed,
            Iteration = iteration,
            Steps = steps,
            TotalSteps = _description.TotalSteps,
            Episodes = episodes.Count,
            Return = Mean(episodes, e => e.Returns.Average()),
            Agents = [.. _spec.Agents.Select((agent, a) => new AgentProgress(
                agent.Name, Mean(episodes, e => e.Returns[a]), _spec.HasDeviation ? Mean(episodes, e => e.Deviations[a]) : null))],
            Costs = [.. Costs(episodes, byName)],
            Metrics = byName,
            StepsPerSecond = (steps - _lastSteps) / Math.Max(last.TotalSeconds, 1e-9),
            Elapsed = elapsed,
            TimeLeft = TimeSpan.FromSeconds(Math.Max(0, _description.TotalSteps - steps) / Math.Max(meanSpeed, 1e-9)),
        };
        WarnOfSaturation(byName);
        (_lastSteps, _lastTime) = (steps, now);
        _run.Progress?.Report(progress);
        _instruments.Emit(progress);
        foreach (IMetricSink sink in _run.Sinks)
            sink.Emit(progress);
        _log.Info(ConsoleMetricSink.Line(progress));
    }

    // Once for each: a multiplier may well stay at its bound, or come and go.
    private void WarnOfSaturation(Dictionary<string, double> metrics)
    {
        foreach ((string name, double value) in metrics)
        {
            if (value == 1 && name.StartsWith(MetricNames.Saturated + "/", StringComparison.Ordinal) && _warned.Add(name))
            {
                _log.Warning($"The multiplier of '{name[(MetricNames.Saturated.Length + 1)..]}' is at its bound MaxMultiplier: its cost cannot be priced any higher. "
                    + "If the cost stays over its limit, raise the bound, or the limit if no policy can keep it.");
            }
        }
    }

    private static double? Mean(IReadOnlyList<EpisodeSummary> episodes, Func<EpisodeSummary, double> value) => episodes.Count == 0 ? null : episodes.Average(value);

    private IEnumerable<CostProgress> Costs(IReadOnlyList<EpisodeSummary> episodes, Dictionary<string, double> metrics)
    {
        for (int agent = 0; agent < _spec.Agents.Count; agent++)
        {
            string name = _spec.Agents[agent].Name;
            for (int channel = 0; channel < _spec.Agents[agent].Costs.Count; channel++)
            {
                string cost = _spec.Agents[agent].Costs[channel].Name;
                yield return new CostProgress(
                    name, cost,
                    Mean(episodes, e => e.Costs[agent][channel]),
                    _description.CostLimits.TryGetValue(cost, out double limit) ? limit : null,
                    metrics.Remove($"{MetricNames.Multiplier}/{name}/{cost}", out double multiplier) ? multiplier : null);
            }
        }
    }

    public void Dispose() => _instruments.Dispose();
}
