using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace SafeMarl.ML.Training;

/// <summary>A run's <c>System.Diagnostics.Metrics</c> instruments, tagged with algorithm, environment and seed.</summary>
internal sealed class TrainingInstruments : IMetricSink, IDisposable
{
    /// <summary>Name of the meter, to subscribe to.</summary>
    public const string MeterName = "SafeMarl.ML";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _steps, _episodes;
    private readonly Gauge<double> _return, _cost, _multiplier, _speed;
    private long _seen;

    /// <param name="steps">Steps already taken by a run that is resumed.</param>
    public TrainingInstruments(long steps)
    {
        _seen = steps;
        _steps = _meter.CreateCounter<long>("safemarl.training.steps", "{step}", "Environment steps taken.");
        _episodes = _meter.CreateCounter<long>("safemarl.training.episodes", "{episode}", "Episodes ended.");
        _return = _meter.CreateGauge<double>("safemarl.training.return", description: "Mean return of the episodes of the last rollout.");
        _cost = _meter.CreateGauge<double>("safemarl.training.cost", description: "Mean episode cost of the last rollout, by agent and channel.");
        _multiplier = _meter.CreateGauge<double>("safemarl.training.multiplier", description: "Lagrange multiplier, by agent and channel.");
        _speed = _meter.CreateGauge<double>("safemarl.training.speed", "{step}/s", "Environment steps per second of the last iteration.");
    }

    public void Emit(TrainingProgress progress)
    {
        var tags = new TagList { { "algorithm", progress.Algorithm }, { "environment", progress.Environment }, { "seed", progress.Seed } };
        _steps.Add(progress.Steps - _seen, tags);
        _seen = progress.Steps;
        _episodes.Add(progress.Episodes, tags);
        _speed.Record(progress.StepsPerSecond, tags);
        if (progress.Return is { } value)
            _return.Record(value, tags);
        foreach (CostProgress cost in progress.Costs)
        {
            TagList costTags = tags;
            costTags.Add("agent", cost.Agent);
            costTags.Add("channel", cost.Channel);
            if (cost.EpisodeCost is { } episodeCost)
                _cost.Record(episodeCost, costTags);
            if (cost.Multiplier is { } multiplier)
                _multiplier.Record(multiplier, costTags);
        }
    }

    public void Dispose() => _meter.Dispose();
}
