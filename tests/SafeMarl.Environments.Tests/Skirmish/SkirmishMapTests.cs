using SafeMarl.Environments.Skirmish;

namespace SafeMarl.Environments.Tests.Skirmish;

public sealed class SkirmishMapTests
{
    private const string Sound = """
        { "name": "duel", "episodeLength": 30, "terrain": ["....", ".#..", "...."], "attackPoint": [0.5, 1],
          "typeFeatures": ["marine", "zealot"],
          "groups": [{ "side": "ally", "at": [0.5, 0.5], "units": { "marine": 1 } }, { "side": "enemy", "at": [3.5, 2.5], "units": { "zealot": 1 } }] }
        """;

    [Test]
    public void Load_OfAFile_GivesAMapThatCanBePlayed()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["duel.json"], Sound);
        using var battle = new SkirmishBattle(SkirmishMap.Load(folder["duel.json"]));

        Assert.That((battle.Map.Name, battle.Map.AllyCount, battle.Map.EnemyCount, battle.Spec.EpisodeLength), Is.EqualTo(("duel", 1, 1, 30)));
        Terrain terrain = battle.Map.Terrain;
        Assert.That((terrain.Width, terrain.Height, terrain.IsOpen(1.5, 1.5), terrain.IsOpen(4.1, 1)), Is.EqualTo((4, 3, false, false)));
        Assert.That(EnvironmentChecker.Check(() => new SkirmishBattle(battle.Map)).Problems, Is.Empty);
    }

    [TestCase("\"episodeLength\": 30", "\"episodeLength\": 0", "episodeLength", "is 0; it must be a whole number from 1 to 100000")]
    [TestCase("\"episodeLength\": 30", "\"episodeLength\": \"long\"", "episodeLength", "is long")]
    [TestCase("\"name\": \"duel\",", "", "name", "is missing")]
    [TestCase("\"name\": \"duel\"", "\"name\": \"\"", "name", "must be a text")]
    [TestCase("\"name\"", "\"title\": 1, \"name\"", "title", "the fields here are name, episodeLength")]
    [TestCase("[\"....\", \".#..\", \"....\"]", "\"moon\"", "terrain", "is 'moon'; the built-in terrains are arena, band")]
    [TestCase(".#..\"", ".#.\"", "terrain[1]", "has 3 cells; it must have 4")]
    [TestCase(".#..\"", ".#.~\"", "terrain[1]", "has '~' in cell 3")]
    [TestCase("[0.5, 1]", "[0.5, 9]", "attackPoint", "x from 0 to 4 and y from 0 to 3")]
    [TestCase("[0.5, 1]", "[0.5]", "attackPoint", "it must be [x, y]")]
    [TestCase("\"side\": \"enemy\"", "\"side\": \"foe\"", "groups[1].side", "is 'foe'; it must be 'ally' or 'enemy'")]
    [TestCase("\"side\": \"enemy\"", "\"side\": \"ally\"", "groups", "have 0 units on the side 'enemy'; 1 to 200")]
    [TestCase("\"zealot\": 1", "\"zealot\": 0", "groups[1].units.zealot", "is 0; it must be a whole number from 1 to 200")]
    [TestCase("\"zealot\": 1", "\"dragon\": 1", "groups[1].units", "names the unit 'dragon'; the kinds are marine")]
    [TestCase("\"zealot\": 1", "\"marauder\": 1", "typeFeatures", "lacks 'marauder'")]
    [TestCase("[\"marine\", \"zealot\"]", "[\"marine\", \"marine\"]", "typeFeatures", "may be named once")]
    [TestCase("[3.5, 2.5]", "[1.5, 1.5]", "groups[1]", "puts a zealot on (1.5, 1.5), which is blocked")]
    [TestCase("\"typeFeatures\"", "\"findsPaths\": \"yes\", \"typeFeatures\"", "findsPaths", "must be true or false")]
    public void Read_OfAFieldThatIsWrong_NamesFileFieldValueAndRange(string old, string changed, string field, string problem)
    {
        string text = Sound.Replace(old, changed, StringComparison.Ordinal);
        Assert.That(text, Is.Not.EqualTo(Sound));
        SkirmishMapException error = Assert.Throws<SkirmishMapException>(() => MapReader.Read(text, "maps/duel.json"))!;

        Assert.That(error.Message, Does.StartWith($"Map 'maps/duel.json': {field} ").And.Contains(problem));
        Assert.That((error.File, error.Field), Is.EqualTo(("maps/duel.json", field)));
    }

    [Test]
    public void Read_OfTheDocumentedExample_GivesAMapThatCanBePlayed()
    {
        string page = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "tasks.md"));
        string json = page.Split("```json")[1].Split("```")[0];
        SkirmishMap map = MapReader.Read(json, "docs/tasks.md");

        Assert.That(EnvironmentChecker.Check(() => new SkirmishBattle(map)).Problems, Is.Empty);
    }

    [Test]
    public void Read_OfWhatIsNoJson_SaysWhere() =>
        Assert.That(() => MapReader.Read("{ \"name\": ", "broken.json"), Throws.TypeOf<SkirmishMapException>().With.Message.Contains("'broken.json': is no JSON"));

    [Test]
    public void Load_OfAMissingFile_NamesIt() =>
        Assert.That(() => SkirmishMap.Load("/nowhere/map.json"), Throws.TypeOf<SkirmishMapException>().With.Message.Contains("/nowhere/map.json"));

    [Test]
    public void BuiltIn_OfAnUnknownMap_ListsTheKnownOnes() =>
        Assert.That(() => SkirmishMap.BuiltIn("4m"), Throws.ArgumentException.With.Message.Contains("3m, 8m, 2s3z"));

    [TestCaseSource(typeof(SkirmishMap), nameof(SkirmishMap.Names))]
    public void BuiltIn_OfEachName_StartsWithUnitsApart(string name)
    {
        SkirmishMap map = SkirmishMap.BuiltIn(name);
        IEnumerable<double> gaps = from a in map.Units
                                   from b in map.Units
                                   where a != b
                                   select new Vector2D(a.X - b.X, a.Y - b.Y).Length - a.Type.Radius - b.Type.Radius;

        Assert.That(map.Name, Is.EqualTo(name));
        Assert.That(gaps.Min(), Is.GreaterThan(0));
    }

    [Test]
    public void Pathfinder_BehindAWall_LeadsAroundIt()
    {
        // A wall from (1, 1) to (4, 2) in a field of 5 x 3; from below its middle the way leads west or east around it.
        var terrain = new Terrain(5, 3, [.. Enumerable.Range(0, 15).Select(c => c is not (6 or 7 or 8))]);
        var paths = new Pathfinder(terrain);
        Vector2D position = new(2.2, 0.5), goal = new(2.2, 2.5);
        double walked = 0;
        for (int i = 0; i < 20 && position != goal; i++)
        {
            Vector2D waypoint = paths.Waypoint(position, goal);
            walked += (waypoint - position).Length;
            position = waypoint;
            Assert.That(terrain.IsOpen(position.X, position.Y), Is.True);
        }

        Assert.That(position, Is.EqualTo(goal));
        Assert.That(walked, Is.EqualTo(0.7 + 1 + 2 + 1 + 0.7).Within(1), "about three sides of the wall");
        Assert.That(paths.Waypoint(new Vector2D(0.5, 0.5), new Vector2D(0.5, 2.5)), Is.EqualTo(new Vector2D(0.5, 2.5)), "nothing is between");
    }
}
