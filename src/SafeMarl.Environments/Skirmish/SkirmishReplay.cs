using System.Text.Json;

namespace SafeMarl.Environments.Skirmish;

/// <summary>
/// A recorded battle: written as JSON, read back, and drawn as one HTML page that needs nothing else. <see cref="SkirmishBattle.Record"/> makes one.
/// </summary>
/// <remarks>
/// The JSON holds <c>map</c>, <c>terrain</c> (rows from north to south), <c>units</c> (type, side, radius, hp, shield), <c>frames</c> and how the battle ended
/// (<c>status</c>, <c>won</c>). The first frame is the start, then there is one for each step: <c>x</c>, <c>y</c>, <c>hp</c>, <c>shield</c> by unit, the step's <c>reward</c> and
/// <c>losses</c>, and <c>shots</c> as [tick, unit, target], heals included.
/// </remarks>
public sealed class SkirmishReplay
{
    private const string Placeholder = "/*replay*/null";

    private readonly ReplayData _data;
    private bool _isComplete;

    internal SkirmishReplay(SkirmishMap map) : this(ReplayData.Of(map)) { }

    private SkirmishReplay(ReplayData data) => _data = data;

    /// <summary>Name of the map.</summary>
    public string Map => _data.Map;

    /// <summary>Steps recorded.</summary>
    public int Steps => Math.Max(0, _data.Frames.Count - 1);

    /// <summary>How the last recorded step left the battle.</summary>
    public EpisodeStatus Status => _data.Status;

    /// <summary>Whether the allies have won.</summary>
    public bool Won => _data.Won;

    /// <summary>Reads a replay from a JSON file.</summary>
    /// <exception cref="EnvironmentException">The file is no replay.</exception>
    public static SkirmishReplay Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            ReplayData data = JsonSerializer.Deserialize<ReplayData>(File.ReadAllText(path), ReplayData.Json) ?? throw new JsonException("It is empty.");
            data.Check();
            return new SkirmishReplay(data);
        }
        catch (JsonException e)
        {
            throw new EnvironmentException($"'{path}' is no replay of a skirmish: {e.Message}", e);
        }
    }

    /// <summary>Writes the battle as JSON.</summary>
    public void SaveJson(string path) => File.WriteAllText(path, JsonSerializer.Serialize(_data, ReplayData.Json));

    /// <summary>
    /// Writes the battle as an HTML page to watch it with: play, pause, scrub; <c>battle.html#step=12.5</c> opens it at that moment, paused.
    /// </summary>
    public void SaveHtml(string path)
    {
        string page = SkirmishMap.Resource("replay.html")!;
        File.WriteAllText(path, page.Replace(Placeholder, JsonSerializer.Serialize(_data, ReplayData.Json), StringComparison.Ordinal));
    }

    /// <summary>A battle begins: takes down the start, unless a whole battle has been recorded already.</summary>
    internal void Begin(UnitStates units)
    {
        if (_isComplete)
            return;
        _data.Frames.Clear();
        _data.Frames.Add(ReplayFrame.Of(units, 0, 0, []));
    }

    /// <summary>Takes down a step.</summary>
    internal void Add(BattleSimulation battle, double reward, EpisodeStatus status, bool won)
    {
        if (_isComplete || _data.Frames.Count == 0)
            return;
        _data.Frames.Add(ReplayFrame.Of(battle.Units, reward, battle.Tally.Losses, battle.Shots!));
        (_data.Status, _data.Won, _isComplete) = (status, won, status != EpisodeStatus.Running);
    }
}
