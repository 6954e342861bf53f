using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Configuration;
using SafeMarl.Environments;
using SafeMarl.ML;

namespace SafeMarl.Cli;

/// <summary>What a run folder's <c>options.json</c> says: enough to make the run again or to go on with it.</summary>
internal sealed record RunDescription(string Algorithm, string Task, JsonElement TaskOptions, JsonElement Options, bool Best)
{
    public const string FileName = "options.json";

    public static JsonSerializerOptions Json { get; } = new() { WriteIndented = true, Converters = { new JsonStringEnumConverter() } };

    /// <summary>A factory for the run's task.</summary>
    /// <param name="changes">Options that are to differ, NAME=VALUE.</param>
    public Func<IMultiAgentEnvironment> CreateTask(params IEnumerable<string> changes) =>
        Tasks.Find(Task).Create(new ConfigurationBuilder().AddConfiguration(Configuration(TaskOptions)).AddConfiguration(Settings.Read(null, changes)).Build());

    /// <summary>The run's options.</summary>
    public TrainingOptions CreateOptions() => Settings.Bind(TrainerInfo.Find(Algorithm).CreateOptions(), Configuration(Options));

    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(this, Json));
    }

    /// <exception cref="SafeMarlException">The folder holds no run.</exception>
    public static RunDescription Load(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            return JsonSerializer.Deserialize<RunDescription>(File.ReadAllBytes(path), Json) ?? throw new JsonException("it is empty");
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw new SafeMarlException($"'{folder}' is not a run folder: {e.Message}", e);
        }
    }

    /// <summary>A JSON object as options that can be bound by name.</summary>
    public static IConfigurationRoot Configuration(JsonElement json) =>
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(WithoutNulls(json)))).Build();

    // The binder would take a null for an empty text.
    private static Dictionary<string, JsonElement> WithoutNulls(JsonElement json) =>
        json.EnumerateObject().Where(p => p.Value.ValueKind != JsonValueKind.Null).ToDictionary(p => p.Name, p => p.Value);
}
