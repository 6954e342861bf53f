using System.Text.Json;
using SafeMarl.Environments.Skirmish;

namespace SafeMarl.Environments.Tests.Skirmish;

/// <summary>Sizes and time limits of SMAC, start positions of SMAClite.</summary>
[Category("Golden")]
public sealed class LayoutGoldenTests
{
    private const double SinglePrecision = 2e-6; // of recorded positions

    private static IEnumerable<TestCaseData> Files() => GoldenFiles.Cases("skirmish", "smaclite_layouts");

    [TestCaseSource(nameof(Files))]
    public void Maps_HaveTheRecordedLayouts(string path)
    {
        Assert.Multiple(() =>
        {
            foreach (JsonProperty entry in GoldenFiles.Read(path).EnumerateObject())
            {
                using var battle = new SkirmishBattle(SkirmishMap.BuiltIn(entry.Name));
                JsonElement smac = entry.Value.GetProperty("smac");
                Assert.That(battle.Spec.Agents, Has.Count.EqualTo(smac.Number("n_agents")), entry.Name);
                Assert.That(battle.Map.EnemyCount, Is.EqualTo(smac.Number("n_enemies")), entry.Name);
                Assert.That(battle.Spec.EpisodeLength, Is.EqualTo(smac.Number("limit")), entry.Name);
                Assert.That(battle.Spec.Agents[0].ActionSpace.Count, Is.EqualTo(smac.Number("n_actions")), entry.Name);
                Assert.That(battle.Spec.Agents[0].ObservationSize, Is.EqualTo(smac.Number("obs_size")), entry.Name);
                Assert.That(battle.Spec.StateSize, Is.EqualTo(smac.Number("state_size")), entry.Name);
                Assert.That(battle.Map.TypeFeatures, Has.Count.EqualTo(smac.Number("unit_type_bits")), entry.Name);
                if (entry.Value.TryGetProperty("smaclite", out JsonElement smaclite))
                    CompareStart(battle.Map, smaclite, entry.Name);
            }
        });
    }

    private static void CompareStart(SkirmishMap map, JsonElement recorded, string where)
    {
        JsonElement[] units = [.. recorded.GetProperty("units").EnumerateArray()];
        Assert.That(map.Units.Select(u => u.Side.ToString().ToUpperInvariant()), Is.EqualTo(units.Select(u => u.GetProperty("faction").GetString())), where);
        Assert.That(map.Units.Select(u => u.Type.Name), Is.EqualTo(units.Select(u => u.GetProperty("type").GetString())), where);
        Assert.That(map.Units.Select(u => u.Type.Radius), Is.EqualTo(units.Select(u => u.Number("radius"))), where);
        Assert.That(map.Units.Select(u => u.X), Is.EqualTo(units.Select(u => u.Number("x"))).Within(SinglePrecision), where);
        Assert.That(map.Units.Select(u => u.Y), Is.EqualTo(units.Select(u => u.Number("y"))).Within(SinglePrecision), where);
        Assert.That(recorded.Number("max_reward"), Is.EqualTo(200 + map.Units.Where(u => u.Side == Side.Enemy).Sum(u => 10 + u.Type.Hp + u.Type.Shield)), where);
    }
}
