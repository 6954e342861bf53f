using System.Text.Json;

namespace SafeMarl.Environments.Skirmish;

/// <summary>Reads and checks map files. Every error names the field, its value and what is allowed.</summary>
internal sealed class MapReader
{
    private const int MaxSteps = 100_000, MaxCells = 256, MaxUnits = 200;
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private readonly string _file;

    private MapReader(string file) => _file = file;

    /// <summary>The map in a JSON text; <paramref name="file"/> is what errors call it.</summary>
    public static SkirmishMap Read(string json, string file)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, Lenient);
            return new MapReader(file).Map(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new SkirmishMapException(file, "", $"is no JSON: {e.Message}", e);
        }
    }

    private SkirmishMap Map(JsonElement root)
    {
        Dictionary<string, JsonElement> fields = Fields(root, "", ["name", "episodeLength", "terrain", "attackPoint", "groups"], ["typeFeatures", "findsPaths"]);
        Terrain terrain = ReadTerrain(fields["terrain"]);
        Vector2D attackPoint = Point(fields["attackPoint"], "attackPoint", terrain);
        List<PlacedUnit> units = Groups(fields["groups"], terrain);
        return new SkirmishMap(
            Text(fields["name"], "name"), Whole(fields["episodeLength"], "episodeLength", MaxSteps), terrain, attackPoint,
            fields.TryGetValue("typeFeatures", out JsonElement features) ? TypeFeatures(features, units) : [], units,
            fields.TryGetValue("findsPaths", out JsonElement finds) && Flag(finds, "findsPaths") ? Paths(terrain) : null);
    }

    private List<PlacedUnit> Groups(JsonElement element, Terrain terrain)
    {
        var units = new List<PlacedUnit>();
        int index = 0;
        foreach (JsonElement group in Items(element, "groups"))
        {
            string field = $"groups[{index++}]";
            IReadOnlyList<PlacedUnit> placed = StartGrid.Place(Group(group, field, terrain));
            foreach (PlacedUnit unit in placed.Where(u => u.Type.Plane == UnitPlane.Ground && !terrain.IsOpen(u.X, u.Y)))
                throw Error(field, $"puts a {unit.Type.Name} on ({unit.X:0.###}, {unit.Y:0.###}), which is blocked or off the map; move the group or make it smaller.");
            units.AddRange(placed);
        }
        foreach (Side side in Enum.GetValues<Side>())
        {
            int count = units.Count(u => u.Side == side);
            if (count is 0 or > MaxUnits)
                throw Error("groups", $"have {count} units on the side '{NameOf(side)}'; 1 to {MaxUnits} are allowed.");
        }
        return units;
    }

    private UnitGroup Group(JsonElement element, string field, Terrain terrain)
    {
        Dictionary<string, JsonElement> fields = Fields(element, field, ["side", "at", "units"], []);
        Side[] sides = [.. Enum.GetValues<Side>().Where(s => NameOf(s) == Text(fields["side"], $"{field}.side"))];
        if (sides.Length == 0)
            throw Error($"{field}.side", $"is '{fields["side"]}'; it must be {string.Join(" or ", Enum.GetValues<Side>().Select(s => $"'{NameOf(s)}'"))}.");
        if (fields["units"].ValueKind != JsonValueKind.Object || !fields["units"].EnumerateObject().Any())
            throw Error($"{field}.units", $"is {fields["units"]}; it must be an object with the number of units of each kind.");
        return new UnitGroup(sides[0], Point(fields["at"], $"{field}.at", terrain),
            [.. fields["units"].EnumerateObject().Select(u => (KindOf(u.Name, $"{field}.units"), Whole(u.Value, $"{field}.units.{u.Name}", MaxUnits)))]);
    }

    private List<UnitType> TypeFeatures(JsonElement element, List<PlacedUnit> units)
    {
        List<UnitType> types = [.. Items(element, "typeFeatures").Select((item, i) => KindOf(Text(item, $"typeFeatures[{i}]"), $"typeFeatures[{i}]"))];
        if (types.Distinct().Count() != types.Count)
            throw Error("typeFeatures", $"is {element}; each kind may be named once.");
        if (units.Select(u => u.Type).Except(types).FirstOrDefault() is { } missing)
            throw Error("typeFeatures", $"is {element}; it lacks '{missing.Name}', which the groups contain. Name all kinds or leave the field out.");
        return types;
    }

    private Terrain ReadTerrain(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.String)
        {
            return TerrainOf(SkirmishMap.TerrainRows(element.GetString()!)
                ?? throw Error("terrain", $"is '{element}'; the built-in terrains are arena, band, corridor, octagon, ravine and small_octagon, or give rows of '.' and '#'."));
        }
        return TerrainOf([.. Items(element, "terrain").Select((row, i) => Text(row, $"terrain[{i}]"))]);
    }

    private Terrain TerrainOf(string[] rows)
    {
        if (rows.Length is 0 or > MaxCells)
            throw Error("terrain", $"has {rows.Length} rows; 1 to {MaxCells} are allowed.");
        int width = rows[0].Length;
        if (width is 0 or > MaxCells)
            throw Error("terrain[0]", $"has {width} cells; 1 to {MaxCells} are allowed.");
        var open = new bool[width * rows.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            if (rows[i].Length != width)
                throw Error($"terrain[{i}]", $"has {rows[i].Length} cells; it must have {width} like the first row.");
            if (rows[i].AsSpan().IndexOfAnyExcept('.', '#') is >= 0 and int at)
                throw Error($"terrain[{i}]", $"has '{rows[i][at]}' in cell {at}; cells are '.' (open) or '#' (blocked).");
            for (int x = 0; x < width; x++)
                open[(rows.Length - 1 - i) * width + x] = rows[i][x] == '.';
        }
        return new Terrain(width, rows.Length, open);
    }

    private Pathfinder Paths(Terrain terrain) =>
        terrain.OpenCells <= Pathfinder.MaxOpenCells
            ? new Pathfinder(terrain)
            : throw Error("findsPaths", $"is true, but the terrain has {terrain.OpenCells} open cells; paths are found among at most {Pathfinder.MaxOpenCells}.");

    private Vector2D Point(JsonElement element, string field, Terrain terrain)
    {
        double[] numbers = [.. Items(element, field).Select((item, i) => Number(item, $"{field}[{i}]"))];
        if (numbers.Length != 2)
            throw Error(field, $"is {element}; it must be [x, y].");
        if (numbers[0] < 0 || numbers[0] > terrain.Width || numbers[1] < 0 || numbers[1] > terrain.Height)
            throw Error(field, $"is {element}; it must lie on the map, x from 0 to {terrain.Width} and y from 0 to {terrain.Height}.");
        return new Vector2D(numbers[0], numbers[1]);
    }

    private UnitType KindOf(string name, string field) =>
        UnitTypes.Find(name) ?? throw Error(field, $"names the unit '{name}'; the kinds are {string.Join(", ", UnitTypes.All.Select(t => t.Name))}.");

    private Dictionary<string, JsonElement> Fields(JsonElement element, string field, string[] required, string[] optional)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Error(field, $"is {element}; it must be an object.");
        var fields = new Dictionary<string, JsonElement>();
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (!required.Contains(property.Name) && !optional.Contains(property.Name))
                throw Error(Join(property.Name), $"is not a field of a map; the fields here are {string.Join(", ", required.Concat(optional))}.");
            if (!fields.TryAdd(property.Name, property.Value))
                throw Error(Join(property.Name), "is there twice.");
        }
        if (required.FirstOrDefault(name => !fields.ContainsKey(name)) is { } missing)
            throw Error(Join(missing), "is missing.");
        return fields;

        string Join(string name) => field.Length == 0 ? name : $"{field}.{name}";
    }

    private JsonElement[] Items(JsonElement element, string field) =>
        element.ValueKind == JsonValueKind.Array ? [.. element.EnumerateArray()] : throw Error(field, $"is {element}; it must be an array.");

    private string Text(JsonElement element, string field) =>
        element.ValueKind == JsonValueKind.String && !string.IsNullOrWhiteSpace(element.GetString())
            ? element.GetString()! : throw Error(field, $"is {element}; it must be a text.");

    private bool Flag(JsonElement element, string field) =>
        element.ValueKind is JsonValueKind.True or JsonValueKind.False ? element.GetBoolean() : throw Error(field, $"is {element}; it must be true or false.");

    private double Number(JsonElement element, string field) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out double value) ? value : throw Error(field, $"is {element}; it must be a number.");

    private int Whole(JsonElement element, string field, int largest) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out int value) && value >= 1 && value <= largest
            ? value : throw Error(field, $"is {element}; it must be a whole number from 1 to {largest}.");

    private SkirmishMapException Error(string field, string problem) => new(_file, field, problem);

    private static string NameOf(Side side) => side == Side.Ally ? "ally" : "enemy";
}
