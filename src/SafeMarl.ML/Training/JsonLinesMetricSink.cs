using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SafeMarl.ML;

/// <summary>
/// Appends one JSON object per iteration to a file: steps, seconds, return, costs, limits, multipliers and every metric. Lines that an
/// interrupted run wrote after its last checkpoint are dropped when the run is resumed.
/// </summary>
public sealed class JsonLinesMetricSink : IMetricSink, IDisposable
{
    // A metric that is not finite is written as text, not a reason to end a run.
    private static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private readonly FileStream _stream;

    /// <summary>Opens a file for appending.</summary>
    /// <param name="path">The file; it and its folder are made when they do not exist.</param>
    /// <param name="resumedSteps">Steps of the checkpoint that the run continues from; later lines are dropped. 0: the file is begun anew.</param>
    public JsonLinesMetricSink(string path, long resumedSteps = 0)
    {
        ArgumentNullException.ThrowIfNull(path);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        long kept = resumedSteps > 0 && File.Exists(path) ? LengthUpTo(path, resumedSteps) : 0;
        _stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        bool unended = kept > _stream.Length; // the last line lacks its end
        _stream.SetLength(Math.Min(kept, _stream.Length));
        _stream.Seek(0, SeekOrigin.End);
        if (unended)
            _stream.WriteByte((byte)'\n');
    }

    /// <inheritdoc/>
    public void Emit(TrainingProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        Write(JsonSerializer.SerializeToUtf8Bytes(new
        {
            steps = progress.Steps,
            iteration = progress.Iteration,
            seconds = Math.Round(progress.Elapsed.TotalSeconds, 3),
            stepsPerSecond = Math.Round(progress.StepsPerSecond, 1),
            episodes = progress.Episodes,
            @return = progress.Return,
            returns = progress.Agents.ToDictionary(a => a.Agent, a => a.Return),
            deviations = progress.Agents.Where(a => a.Deviation is not null).ToDictionary(a => a.Agent, a => a.Deviation),
            costs = progress.Costs.ToDictionary(Name, c => c.EpisodeCost),
            limits = progress.Costs.Where(c => c.Limit is not null).ToDictionary(Name, c => c.Limit),
            multipliers = progress.Costs.Where(c => c.Multiplier is not null).ToDictionary(Name, c => c.Multiplier),
            metrics = progress.Metrics,
        }, Json));

        static string Name(CostProgress cost) => $"{cost.Agent}/{cost.Channel}";
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _stream.Dispose();

    // Bytes of the lines up to a number of steps; what follows is cut off in place, so that a crash here loses nothing that was to be kept.
    private static long LengthUpTo(string path, long steps)
    {
        long length = 0;
        foreach (string line in File.ReadLines(path).TakeWhile(line => StepsOf(line) <= steps))
            length += Encoding.UTF8.GetByteCount(line) + 1;
        return length;
    }

    private void Write(ReadOnlySpan<byte> line)
    {
        _stream.Write(line);
        _stream.WriteByte((byte)'\n');
        _stream.Flush();
    }

    // The last line of a killed run may be incomplete.
    private static long StepsOf(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.GetProperty("steps").GetInt64();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return long.MaxValue;
        }
    }
}
