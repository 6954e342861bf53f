using System.Reflection;

namespace SafeMarl.Environments.Skirmish;

/// <summary>
/// Terrain, two armies and a time limit: a map for <see cref="SkirmishBattle"/>. The 16 maps of SMAC are built in; more are JSON files.
/// </summary>
/// <remarks>
/// <para>A file has these fields, all but <c>typeFeatures</c> and <c>findsPaths</c> required:</para>
/// <list type="bullet">
/// <item><c>name</c>: text.</item>
/// <item><c>episodeLength</c>: steps after which a battle is truncated.</item>
/// <item><c>terrain</c>: one of the built-in terrains (arena, band, corridor, octagon, ravine, small_octagon), or rows of text from north to
/// south in which <c>.</c> is an open cell and <c>#</c> a blocked one; cells have side 1 and (0, 0) is the south-west corner.</item>
/// <item><c>attackPoint</c>: where the enemies march to, [x, y].</item>
/// <item><c>typeFeatures</c>: kinds of units in the order of their one-hot features; absent: no such features.</item>
/// <item><c>findsPaths</c>: whether ground units that are after something walk around walls that are in between; absent or false: straight, as in SMAClite. Of the
/// built-in maps 2c_vs_64zg needs it, whose enemies would otherwise stand below the plateau for ever.</item>
/// <item><c>groups</c>: objects with <c>side</c> (ally or enemy), <c>at</c> ([x, y], the group's middle) and <c>units</c>, numbers by kind: marine,
/// marauder, medivac, stalker, zealot, colossus, zergling, baneling, hydralisk, spine_crawler. Units get their ids in this order.</item>
/// </list>
/// </remarks>
public sealed class SkirmishMap
{
    private const string ResourcePrefix = "Skirmish/";

    internal SkirmishMap(
        string name, int episodeLength, Terrain terrain, Vector2D attackPoint, IReadOnlyList<UnitType> typeFeatures, IReadOnlyList<PlacedUnit> units, Pathfinder? paths)
    {
        (Name, EpisodeLength, Terrain, AttackPoint, TypeFeatures, Units, Paths) = (name, episodeLength, terrain, attackPoint, typeFeatures, units, paths);
        AllyCount = units.Count(u => u.Side == Side.Ally);
        EnemyCount = units.Count - AllyCount;
    }

    /// <summary>The built-in maps: easy, hard and super-hard ones of SMAC.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "3m", "8m", "2s3z", "3s5z", "1c3s5z",
        "5m_vs_6m", "8m_vs_9m", "3s_vs_5z", "bane_vs_bane", "2c_vs_64zg", "10m_vs_11m",
        "MMM2", "3s5z_vs_3s6z", "27m_vs_30m", "6h_vs_8z", "corridor",
    ];

    /// <summary>Name of the map.</summary>
    public string Name { get; }

    /// <summary>Steps after which a battle is truncated; SMAC's limit for the built-in maps.</summary>
    public int EpisodeLength { get; }

    /// <summary>Number of allied units, which are the agents.</summary>
    public int AllyCount { get; }

    /// <summary>Number of enemy units.</summary>
    public int EnemyCount { get; }

    internal Terrain Terrain { get; }

    internal Vector2D AttackPoint { get; }

    internal IReadOnlyList<UnitType> TypeFeatures { get; }

    internal IReadOnlyList<PlacedUnit> Units { get; }

    /// <summary>Ways around walls; null: units walk straight towards what they are after.</summary>
    internal Pathfinder? Paths { get; }

    /// <summary>A built-in map.</summary>
    /// <exception cref="ArgumentException">There is no such map; the message lists those that there are.</exception>
    public static SkirmishMap BuiltIn(string name)
    {
        if (!Names.Contains(name))
            throw new ArgumentException($"There is no built-in map '{name}'. The maps: {string.Join(", ", Names)}.", nameof(name));
        return MapReader.Read(Resource($"Maps/{name}.json")!, name);
    }

    /// <summary>Reads a map file.</summary>
    /// <exception cref="SkirmishMapException">The file is missing, is no JSON, or describes nothing that can be played.</exception>
    public static SkirmishMap Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            return MapReader.Read(File.ReadAllText(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SkirmishMapException(path, "", $"cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Rows of a built-in terrain from north to south, or null.</summary>
    internal static string[]? TerrainRows(string name) => Resource($"Maps/{name}.txt")?.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>The text of a resource of this folder, or null.</summary>
    internal static string? Resource(string name)
    {
        using Stream? stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(ResourcePrefix + name);
        return stream is null ? null : new StreamReader(stream).ReadToEnd();
    }
}
