using System.Text.Json;
using SafeMarl.Environments.Skirmish;

namespace SafeMarl.Environments.Tests.Skirmish;

/// <summary>
/// Returns, lengths, deaths and wins of simple policies over many battles, against SMAClite's, with positions rounded to single precision as there.
/// </summary>
[Category("Golden")]
public sealed class PolicyGoldenTests
{
    private const int Battles = 100;

    // Simple policies make battles nearly deterministic; a tie broken otherwise moves the whole distribution by about this much.
    private const double ReturnSlack = 1, LengthSlack = 4, DeathSlack = 0.15, WinSlack = 0.05;
    private const double StandardErrors = 4;

    private static IEnumerable<TestCaseData> Files() => GoldenFiles.Cases("skirmish", "smaclite_policy_stats");

    [TestCaseSource(nameof(Files))]
    public void Policies_InManyBattles_FareAsInTheReference(string path) => Assert.Multiple(() =>
    {
        foreach (JsonElement row in GoldenFiles.Read(path).GetProperty("rows").EnumerateArray())
        {
            string map = row.GetProperty("map").GetString()!, policy = row.GetProperty("policy").GetString()!;
            Outcome[] outcomes = Play(map, policy, (int)row.Number("limit"));
            double wins = outcomes.Average(o => o.Won), winError = Math.Sqrt(0.25 / row.Number("episodes"));
            Compare(row, "return", [.. outcomes.Select(o => o.Return)], ReturnSlack, $"{map}, {policy}");
            Compare(row, "length", [.. outcomes.Select(o => o.Length)], LengthSlack, $"{map}, {policy}");
            Assert.That(outcomes.Average(o => o.Deaths), Is.EqualTo(row.Number("ally_deaths_mean")).Within(DeathSlack), $"{map}, {policy}: deaths");
            Assert.That(wins, Is.EqualTo(row.Number("win_rate")).Within(WinSlack + (wins is > 0 and < 1 ? StandardErrors * winError : 0)), $"{map}, {policy}: wins");
        }
    });

    private static void Compare(JsonElement row, string name, double[] values, double slack, string where)
    {
        double mean = values.Average(), variance = values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1), sd = row.Number($"{name}_sd");
        double error = Math.Sqrt(variance / values.Length + sd * sd / row.Number("episodes"));
        TestContext.Out.WriteLine($"{where}: {name} {mean:0.00} +- {Math.Sqrt(variance):0.00}, reference {row.Number($"{name}_mean"):0.00} +- {sd:0.00}");
        Assert.That(mean, Is.EqualTo(row.Number($"{name}_mean")).Within(slack + StandardErrors * error), $"{where}: {name}");
    }

    private static Outcome[] Play(string map, string policy, int limit)
    {
        using var battle = new SkirmishBattle(SkirmishMap.BuiltIn(map), new SkirmishOptions { EpisodeLength = limit });
        var script = new ScriptedPolicy(policy, battle);
        var random = new RandomStream(1);
        UseSinglePrecision(battle, seed: 2);
        return [.. Enumerable.Range(0, Battles).Select(_ => PlayOne(battle, script, ref random))];
    }

    private static Outcome PlayOne(SkirmishBattle battle, ScriptedPolicy script, ref RandomStream random)
    {
        var memory = new StepMemory(battle.Spec, 1);
        var actions = new float[battle.Spec.Agents.Count];
        double total = 0, deaths = 0;
        battle.Reset(0, memory[0]);
        for (int length = 1; ; length++)
        {
            script.Act(memory, ref random, actions);
            EpisodeStatus status = battle.Step(actions, memory[0]);
            total += memory[0].Reward(0);
            deaths += memory[0].Cost(0);
            if (status != EpisodeStatus.Running)
                return new Outcome(total, length, deaths, status == EpisodeStatus.Terminated && battle.GoalReached ? 1 : 0);
        }
    }

    private static void UseSinglePrecision(SkirmishBattle battle, long seed)
    {
        var random = new RandomStream(seed);
        int[] order = [.. Enumerable.Range(0, battle.Simulation.Units.Count)];
        battle.Simulation.OrderOfTick = _ =>
        {
            RecordedBattle.RoundPositions(battle.Simulation.Units);
            random.Shuffle<int>(order);
            return order;
        };
    }

    private sealed record Outcome(double Return, double Length, double Deaths, double Won);
}
