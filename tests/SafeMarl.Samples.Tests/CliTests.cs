using System.Text.Json;

namespace SafeMarl.Samples.Tests;

/// <summary>The command line as its users meet it: in a process of its own, by its exit code, output and files.</summary>
public sealed class CliTests
{
    private const string Task = "ConstrainedTwoStepGame";
    private static readonly string[] Small = ["-s", "CostLimit=0.5", "-s", "Environments=4", "-s", "RolloutSteps=16", "-s", "HiddenSize=16", "-s", "Device=cpu"];

    [Test]
    public void Train_WithTwoSeeds_LeavesTwoWholeRunFolders()
    {
        using var folder = new TemporaryFolder();
        Succeed(folder, ["train", "mafocops", Task, "--seeds", "1", "2", "--output", "runs", "--episodes", "5", "-s", "TotalSteps=256", .. Small]);

        Assert.Multiple(() =>
        {
            Assert.That(Entries(folder["runs"]), Is.EquivalentTo(new[] { "seed-1", "seed-2", "learning-curves.svg" }));
            foreach (string seed in new[] { "seed-1", "seed-2" })
            {
                Assert.That(Entries(folder["runs", seed]), Is.EquivalentTo(new[] { "options.json", "metrics.jsonl", "checkpoints", "model.zip", "policy.safetensors", "resources.json", "evaluation.json" }));
                Assert.That(File.ReadAllLines(folder["runs", seed, "metrics.jsonl"]), Has.Length.EqualTo(4), "one line per rollout of 64 steps");
                Assert.That(Json(folder["runs", seed, "evaluation.json"]).GetProperty("Episodes").GetInt32(), Is.EqualTo(5));
                Assert.That(Json(folder["runs", seed, "options.json"]).GetProperty("Options").GetProperty("CostLimit").GetDouble(), Is.EqualTo(0.5));
            }
            Assert.That(File.ReadAllBytes(folder["runs", "seed-1", "policy.safetensors"]), Is.Not.EqualTo(File.ReadAllBytes(folder["runs", "seed-2", "policy.safetensors"])));
        });
    }

    [Test]
    public void Train_WithAnOptionsFile_LetsSetComeBeforeIt()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["options.json"], """{ "CostLimits": { "entry": 0.4, "strain": 0.6 }, "TotalSteps": 64, "Environments": 4, "RolloutSteps": 16, "HiddenSize": 8, "Device": "cpu" }""");
        Succeed(folder, "train", "mafocops", Task, "--options", "options.json", "--set", "HiddenSize=24", "--output", "runs", "--episodes", "0");

        JsonElement options = Json(folder["runs", "seed-1", "options.json"]).GetProperty("Options");
        Assert.That(options.GetProperty("HiddenSize").GetInt32(), Is.EqualTo(24));
        Assert.That(options.GetProperty("CostLimits").GetProperty("strain").GetDouble(), Is.EqualTo(0.6));
    }

    [Test]
    public void Resume_OfAStoppedRun_GivesTheBitsOfAnUnbrokenOne()
    {
        using var folder = new TemporaryFolder();
        Succeed(folder, ["train", "mafocops", Task, "--output", "whole", "--episodes", "0", "-s", "TotalSteps=512", .. Small]);
        Succeed(folder, ["train", "mafocops", Task, "--output", "broken", "--episodes", "0", "-s", "TotalSteps=256", .. Small]);
        Succeed(folder, "resume", Path.Combine("broken", "seed-1"), "--episodes", "0", "-s", "TotalSteps=512");

        Assert.That(File.ReadAllBytes(folder["broken", "seed-1", "policy.safetensors"]), Is.EqualTo(File.ReadAllBytes(folder["whole", "seed-1", "policy.safetensors"])));
        Assert.That(File.ReadAllLines(folder["broken", "seed-1", "metrics.jsonl"]), Has.Length.EqualTo(8));
    }

    [TestCase("SafeAnt-2x4d-declared")]
    [TestCase("CoupledHalfCheetah-2x6-behind")]
    [TestCase("SafeManyAgentAnt-2x3")]
    public void Evaluate_OfAPolicyFileAlone_FindsTheTaskThatItWasTrainedOn(string task)
    {
        using var folder = new TemporaryFolder();
        string[] tiny = ["-s", "TotalSteps=32", "-s", "Environments=2", "-s", "RolloutSteps=16", "-s", "HiddenSize=8", "-s", "Device=cpu"];
        Succeed(folder, ["train", "mappo", task, "--output", "runs", "--episodes", "0", .. tiny]);
        File.Copy(folder["runs", "seed-1", "policy.safetensors"], folder["alone.safetensors"]);

        Assert.That(Succeed(folder, "evaluate", "alone.safetensors", "--episodes", "1", "--task-set", "EpisodeLength=10"), Does.Contain("cost"));
    }

    [Test]
    public void Evaluate_OfARunAModelAndAPolicyFile_SaysTheSame()
    {
        using var folder = new TemporaryFolder();
        Succeed(folder, "train", "mappo", Task, "--output", "runs", "--episodes", "0", "-s", "TotalSteps=64", "-s", "Environments=4", "-s", "RolloutSteps=16");
        string[] results = [.. new[] { "", "model.zip", "policy.safetensors" }.Select((file, i) =>
        {
            Succeed(folder, "evaluate", Path.Combine("runs", "seed-1", file), "--episodes", "30", "--sampled", "--limit", "entry=0.3", "--json", $"{i}.json");
            return File.ReadAllText(folder[$"{i}.json"]);
        })];

        Assert.That(results.Distinct().Count(), Is.EqualTo(1));
        Assert.That(JsonDocument.Parse(results[0]).RootElement.GetProperty("Agents")[0].GetProperty("Costs")[0].GetProperty("Limit").GetDouble(), Is.EqualTo(0.3));
    }

    [Test]
    public void Compare_OfTwoRuns_DrawsBothAndNamesThem()
    {
        using var folder = new TemporaryFolder();
        Succeed(folder, ["train", "mafocops", Task, "--output", "limited", "--episodes", "5", "-s", "TotalSteps=256", .. Small]);
        Succeed(folder, "train", "mappo", Task, "--output", "unlimited", "--episodes", "5", "-s", "TotalSteps=256", "-s", "Environments=4", "-s", "RolloutSteps=16");
        string output = Succeed(folder, "compare", "limited", "unlimited", "--output", "both.svg");

        Assert.That(output, Does.Contain("limited").And.Contain("unlimited").And.Contain("of 5"));
        Assert.That(File.ReadAllText(folder["both.svg"]), Does.Contain(">limited<").And.Contain(">unlimited<").And.Contain("limit 0.5"));
    }

    [Test]
    public void Calibrate_OfARunWithCertificates_LeavesAModelWithAlarmsAndAPicture()
    {
        using var folder = new TemporaryFolder();
        Succeed(folder, "train", "mas3ac", "ConvoyGame", "--output", "runs", "--episodes", "5", "-s", "TotalSteps=400", "-s", "WarmupSteps=200", "-s", "Environments=5", "-s", "RolloutSteps=20",
            "-s", "BatchSize=16", "-s", "HiddenSize=8", "-s", "Device=cpu");
        string output = Succeed(folder, "calibrate", Path.Combine("runs", "seed-1"), "--episodes", "30");

        Assert.Multiple(() =>
        {
            Assert.That(output, Does.Contain("safety, gap").And.Contain("stability").And.Contain("rear").And.Contain("front"));
            Assert.That(File.ReadAllText(folder["runs", "seed-1", "certificates.svg"]), Does.Contain(">rear<").And.Contain("safety, gap: what came").And.Contain("stability: what came"));
            Assert.That(File.ReadAllText(folder["runs", "learning-curves.svg"]), Does.Contain("deviation of an episode"));
            Assert.That(Succeed(folder, "evaluate", Path.Combine("runs", "seed-1", "calibrated.zip"), "--episodes", "5"), Does.Contain("deviation"));
        });
    }

    [Test]
    public void Calibrate_OfAPolicyWithoutCertificates_SaysSo()
    {
        using var folder = new TemporaryFolder();
        Succeed(folder, "train", "mappo", Task, "--output", "runs", "--episodes", "0", "-s", "TotalSteps=64", "-s", "Environments=4", "-s", "RolloutSteps=16");

        Assert.That(Fail(folder, "calibrate", Path.Combine("runs", "seed-1")), Does.Contain("certificate"));
    }

    [TestCase("verified.zip")]
    [TestCase("verified.safetensors")]
    public void Inspect_OfAVerifiedPolicy_ShowsWhatVerifyFound(string file)
    {
        using var folder = new TemporaryFolder();
        Succeed(folder, ["train", "mafocops", Task, "--output", "runs", "--episodes", "0", "-s", "TotalSteps=64", .. Small]);
        string run = Path.Combine("runs", "seed-1"), before = Succeed(folder, "inspect", run);
        string verified = Succeed(folder, "verify", run, "--cost", "entry", "--max-losses", "5", "--episodes", "100", "--confidence", "0.99", "--seed", "8", "--output", file), after = Succeed(folder, "inspect", file);

        Assert.Multiple(() =>
        {
            Assert.That(before, Does.Contain("Mafocops").And.Contain("64 steps, seed 1").And.Contain("entry 0.5").And.Contain("Discrete(2)").And.Contain("no safety card"));
            foreach (string output in new[] { verified, after })
            {
                // 1 - 0.01^(1/100) = 0.045007...
                Assert.That(output, Does.Contain("0 of 100").And.Contain("0.0450074").And.Contain("At most 4.5008%").IgnoreCase.And.Contain("99%").And.Contain("seed 8").And.Contain("cost 'entry'").And.Contain("vacuous"));
                Assert.That(output, Does.Contain("SafeMarl.ML 1.0.0"));
            }
            Assert.That(after, Does.Contain("Mafocops").And.Not.Contain("no safety card"));
            Assert.That(File.ReadAllBytes(folder[file])[..2], file == "verified.zip" ? Is.EqualTo("PK"u8.ToArray()) : Is.Not.EqualTo("PK"u8.ToArray()));
        });
    }

    [TestCase("--episodes 0 --cost entry", "Episodes is 0", "at least 1")]
    [TestCase("--confidence 1 --cost entry", "Confidence is 1", "between 0 and 1")]
    [TestCase("--cost entri", "'entri'", "entry, strain")]
    [TestCase("--episodes 10", "Cost is null", "entry, strain")]
    public void Verify_WithABadOption_SaysWhatIsWrongAndWritesNothing(string options, params string[] said)
    {
        using var folder = new TemporaryFolder();
        Succeed(folder, ["train", "mafocops", Task, "--output", "runs", "--episodes", "0", "-s", "TotalSteps=64", .. Small]);
        string output = Fail(folder, ["verify", Path.Combine("runs", "seed-1"), .. options.Split(' ')]);

        Assert.That(said.Where(text => !output.Contains(text, StringComparison.Ordinal)), Is.Empty, output);
        Assert.That(Entries(folder["runs", "seed-1"]), Does.Not.Contain("verified.zip"));
    }

    [Test]
    public void Train_IntoTheFolderOfAnotherRun_LeavesItAloneUnlessTold()
    {
        using var folder = new TemporaryFolder();
        string[] train = ["train", "mafocops", Task, "--output", "runs", "--episodes", "0", "-s", "TotalSteps=64", .. Small];
        Succeed(folder, train);
        byte[] before = File.ReadAllBytes(folder["runs", "seed-1", "policy.safetensors"]);

        Assert.That(Fail(folder, [.. train, "--seeds", "7", "1"]), Does.Contain("runs/seed-1").And.Contain("--overwrite"));
        Assert.That(Entries(folder["runs"]), Does.Not.Contain("seed-7"), "nothing is begun");
        Assert.That(File.ReadAllBytes(folder["runs", "seed-1", "policy.safetensors"]), Is.EqualTo(before));
        Assert.That(Fail(folder, [.. train, "--overwrite", "-s", "Gamma=7"]), Does.Contain("Gamma"));
        Assert.That(File.ReadAllBytes(folder["runs", "seed-1", "policy.safetensors"]), Is.EqualTo(before), "nothing is deleted for a run that cannot begin");
        Succeed(folder, [.. train, "--overwrite"]);
    }

    [TestCase("Lamda=1", "no option 'Lamda'", "Lambda")]
    [TestCase("Lambda=much", "'much'", "Lambda")]
    [TestCase("Lambda=-1", "Lambda", "between")]
    [TestCase("Lambda", "NAME=VALUE", "Lambda")]
    [TestCase("Seed=3", "--seeds", "Seed=3")]
    public void Train_WithABadOption_SaysWhatIsWrongAndBeginsNothing(string option, params string[] said)
    {
        using var folder = new TemporaryFolder();
        string output = Fail(folder, "train", "mafocops", Task, "--output", "runs", "-s", "CostLimit=1", "-s", option);

        Assert.That(said.Where(text => !output.Contains(text, StringComparison.Ordinal)), Is.Empty, output);
        Assert.That(Directory.Exists(folder["runs"]), Is.False);
    }

    [TestCase("train foo ConstrainedTwoStepGame", "Mafocops, Macpo")]
    [TestCase("train mappo foo", "SafeHalfCheetah-2x3")]
    [TestCase("resume nowhere", "nowhere")]
    [TestCase("evaluate nothing.zip", "nothing.zip")]
    [TestCase("compare nowhere", "nowhere")]
    [TestCase("evaluate text.txt", "text.txt")]
    [TestCase("inspect nothing.zip", "nothing.zip")]
    [TestCase("verify text.txt", "text.txt")]
    public void AnyCommand_WithSomethingThatIsNotThereOrUnfit_SaysSo(string arguments, string said)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["text.txt"], "not a model");
        Assert.That(Fail(folder, arguments.Split(' ')), Does.Contain(said).And.Not.Contain("   at "));
    }

    [Test]
    public void List_ShowsEveryAlgorithmAndTaskWithDefaults()
    {
        using var folder = new TemporaryFolder();
        Assert.That(Succeed(folder, "list"), Does.Contain("Mafocops").And.Contain("ActorLearningRates=-").And.Contain("Lambda=2.2").And.Contain("Mappo").And.Contain("SafeHalfCheetah-6x1").And.Contain("SafeAnt-2x4d").And.Contain("SafeManyAgentAnt-8x1").And.Contain("EpisodeLength=1000"));
    }

    private static string Succeed(TemporaryFolder folder, params string[] arguments) => Run(folder, 0, arguments);

    private static string Fail(TemporaryFolder folder, params string[] arguments) => Run(folder, 1, arguments);

    private static string Run(TemporaryFolder folder, int expected, string[] arguments)
    {
        (int exitCode, string output) = ChildProgram.Cli.RunToExit(null, folder.Path, arguments);
        Assert.That(exitCode, Is.EqualTo(expected), output);
        return output.ReplaceLineEndings(" ").Replace("  ", " ", StringComparison.Ordinal);
    }

    private static string[] Entries(string folder) => [.. Directory.EnumerateFileSystemEntries(folder).Select(f => Path.GetFileName(f)!)];

    private static JsonElement Json(string path) => JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;
}
