namespace SafeMarl.ML;

/// <summary>Writes one line per iteration: steps, return, costs against their limits, multipliers, speed and time left.</summary>
/// <param name="writer">Where to; null: the console.</param>
public sealed class ConsoleMetricSink(TextWriter? writer = null) : IMetricSink
{
    private readonly TextWriter _writer = writer ?? Console.Out;

    /// <inheritdoc/>
    public void Emit(TrainingProgress progress) => _writer.WriteLine(Line(progress));

    /// <summary>The line for a report.</summary>
    public static string Line(TrainingProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        IEnumerable<string> costs = progress.Costs.GroupBy(c => c.Channel).Select(channel =>
        {
            double?[] values = [.. channel.Select(c => c.EpisodeCost)], multipliers = [.. channel.Select(c => c.Multiplier)];
            string limit = channel.First().Limit is { } l ? $"/{l:0.##}" : "", multiplier = multipliers.Average() is { } m ? $" (multiplier {m:0.000})" : "";
            return $"{channel.Key} {Number(values.Average())}{limit}{multiplier}";
        });
        string deviation = progress.Deviation is { } d ? $"  deviation {Number(d)}" : "";
        return $"{progress.Steps,11:N0} steps  return {Number(progress.Return),9}  {string.Join("  ", costs)}{deviation}  {progress.StepsPerSecond,7:N0} steps/s  {Duration(progress.TimeLeft)} left";
    }

    private static string Number(double? value) => value is { } v ? v.ToString("0.0") : "-";

    private static string Duration(TimeSpan time) => time.TotalHours >= 1 ? $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}" : $"{time.Minutes}:{time.Seconds:00}";
}
