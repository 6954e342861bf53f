using System.Text.Json;
using System.Text.Json.Serialization;

namespace SafeMarl.Environments.Skirmish;

/// <summary>A replay as it is written.</summary>
internal sealed record ReplayData(string Map, string[] Terrain, ReplayUnit[] Units, List<ReplayFrame> Frames)
{
    // The default encoder escapes '<', so that the text can stand inside a page's script.
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true, Converters = { new JsonStringEnumConverter() },
    };

    public EpisodeStatus Status { get; set; }

    public bool Won { get; set; }

    public static ReplayData Of(SkirmishMap map)
    {
        Terrain terrain = map.Terrain;
        string[] rows = [.. Enumerable.Range(1, terrain.Height).Select(fromTop => Row(terrain.Height - fromTop))];
        return new ReplayData(map.Name, rows, [.. map.Units.Select(u => new ReplayUnit(u.Type.Name, u.Side, u.Type.Radius, u.Type.Hp, u.Type.Shield))], []);

        string Row(int y) => string.Concat(Enumerable.Range(0, terrain.Width).Select(x => terrain.IsOpenCell(x, y) ? '.' : '#'));
    }

    /// <exception cref="JsonException">A frame does not describe every unit.</exception>
    public void Check()
    {
        for (int i = 0; i < Frames.Count; i++)
        {
            ReplayFrame frame = Frames[i];
            if (new[] { frame.X, frame.Y, frame.Hp, frame.Shield }.Any(values => values.Length != Units.Length))
                throw new JsonException($"Frame {i} does not have {Units.Length} numbers for as many units.");
            if (frame.Shots.Any(shot => shot is not [_, >= 0 and int from, >= 0 and int to] || from >= Units.Length || to >= Units.Length))
                throw new JsonException($"Frame {i} has a shot that is not [tick, unit, target].");
        }
    }
}

/// <summary>What never changes of a unit.</summary>
internal sealed record ReplayUnit(string Type, Side Side, double Radius, double Hp, double Shield);

/// <summary>The units after a step, and what happened in it.</summary>
internal sealed record ReplayFrame(double[] X, double[] Y, double[] Hp, double[] Shield, double Reward, int Losses, int[][] Shots)
{
    public static ReplayFrame Of(UnitStates units, double reward, int losses, IEnumerable<(int Tick, int Unit, int Target)> shots) => new(
        Rounded(units.X), Rounded(units.Y), Rounded(units.Hp), Rounded(units.Shield), Math.Round(reward, 4), losses, [.. shots.Select(s => new[] { s.Tick, s.Unit, s.Target })]);

    private static double[] Rounded(double[] values) => [.. values.Select(v => Math.Round(v, 2))];
}
