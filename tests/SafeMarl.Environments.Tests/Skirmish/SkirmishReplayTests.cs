using System.Text.Json;
using SafeMarl.Environments.Skirmish;

namespace SafeMarl.Environments.Tests.Skirmish;

public sealed class SkirmishReplayTests
{
    [Test]
    public void Record_OfABattle_TakesDownEveryStepUntilItsEnd()
    {
        using var battle = new SkirmishBattle(SkirmishMap.BuiltIn("3m"));
        SkirmishReplay replay = battle.Record();
        int steps = Play(battle, seed: 1);
        bool won = battle.GoalReached;
        Play(battle, seed: 2);

        Assert.That((replay.Map, replay.Steps, replay.Status, replay.Won), Is.EqualTo(("3m", steps, EpisodeStatus.Terminated, won)), "the second battle is not added");
        Assert.That(won, Is.True);
    }

    [Test]
    public void SaveJson_ReadBackAndSavedAgain_IsTheSameText()
    {
        using var folder = new TemporaryFolder();
        Recorded("MMM2").SaveJson(folder["battle.json"]);
        SkirmishReplay.Load(folder["battle.json"]).SaveJson(folder["again.json"]);

        Assert.That(File.ReadAllText(folder["again.json"]), Is.EqualTo(File.ReadAllText(folder["battle.json"])));
    }

    [Test]
    public void SaveJson_HasUnitsFramesAndShots()
    {
        using var folder = new TemporaryFolder();
        SkirmishReplay replay = Recorded("3m");
        replay.SaveJson(folder["battle.json"]);
        JsonElement root = GoldenFiles.Read(folder["battle.json"]);
        JsonElement[] frames = [.. root.GetProperty("frames").EnumerateArray()];

        Assert.That(frames, Has.Length.EqualTo(replay.Steps + 1));
        Assert.That(frames[0].Numbers("hp"), Is.EqualTo(new double[] { 45, 45, 45, 45, 45, 45 }));
        Assert.That(frames.Sum(f => f.Number("reward")), Is.EqualTo(20).Within(0.01));
        Assert.That(frames.Sum(f => f.Number("losses")), Is.EqualTo(2));
        Assert.That(frames.Sum(f => f.GetProperty("shots").GetArrayLength()), Is.GreaterThanOrEqualTo(24), "3 marines of 45 hit points take 8 shots each");
        Assert.That(root.GetProperty("units")[3].GetProperty("side").GetString(), Is.EqualTo("Enemy"));
    }

    [Test]
    public void SaveHtml_NeedsNothingElse()
    {
        using var folder = new TemporaryFolder();
        Recorded("3m").SaveHtml(folder["battle.html"]);
        string page = File.ReadAllText(folder["battle.html"]);

        Assert.That(page, Does.Contain("const replay = {\"map\":\"3m\"").And.Contains("</html>"));
        Assert.That(page, Does.Not.Contain("://").And.Not.Contains("src=").And.Not.Contains("/*replay*/"));
    }

    [TestCase("[1, 2]")]
    [TestCase("{ \"map\": \"3m\" }")]
    [TestCase("{ \"map\": \"3m\", \"terrain\": [\".\"], \"units\": [], "
        + "\"frames\": [{ \"x\": [1], \"y\": [], \"hp\": [], \"shield\": [], \"reward\": 0, \"losses\": 0, \"shots\": [] }] }")]
    public void Load_OfSomethingElse_NamesTheFile(string text)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["other.json"], text);

        Assert.That(() => SkirmishReplay.Load(folder["other.json"]), Throws.TypeOf<EnvironmentException>().With.Message.Contains("other.json"));
    }

    private static SkirmishReplay Recorded(string map)
    {
        using var battle = new SkirmishBattle(SkirmishMap.BuiltIn(map));
        SkirmishReplay replay = battle.Record();
        Play(battle, seed: 1);
        return replay;
    }

    private static int Play(SkirmishBattle battle, long seed)
    {
        var memory = new StepMemory(battle.Spec, 1);
        var script = new ScriptedPolicy("focus", battle);
        var actions = new float[battle.Spec.Agents.Count];
        var random = new RandomStream(seed);
        battle.Reset(seed, memory[0]);
        for (int steps = 1; ; steps++)
        {
            script.Act(memory, ref random, actions);
            if (battle.Step(actions, memory[0]) != EpisodeStatus.Running)
                return steps;
        }
    }
}
