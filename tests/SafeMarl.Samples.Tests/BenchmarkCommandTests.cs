using System.Diagnostics;

namespace SafeMarl.Samples.Tests;

/// <summary><c>safemarl benchmark</c> as its users meet it.</summary>
public sealed class BenchmarkCommandTests
{
    private const string Options = """ "TotalSteps": 512, "Environments": 4, "RolloutSteps": 16, "HiddenSize": 8, "Device": "cpu" """;

    private const string Limited = """{ "algorithm": "mafocops", "options": { "CostLimit": 0.5 } }""", Unlimited = """{ "name": "without limits", "algorithm": "mappo" }""";

    [Test]
    public void Benchmark_OfTwoAlgorithmsAndTwoSeeds_ReportsThemBesideEachOther()
    {
        using var folder = new TemporaryFolder();
        Plan(folder, algorithms: $"{Limited}, {Unlimited}", more: """ "sampled": true, """);
        Run(folder, 0, "benchmark", "plan.json", "--report", "report");
        string report = File.ReadAllText(folder["report", "report.md"]), picture = File.ReadAllText(folder["report", "ConstrainedTwoStepGame.svg"]);
        string[] limited = Row(report, "Mafocops"), unlimited = Row(report, "without limits");

        Assert.Multiple(() =>
        {
            Assert.That(report, Does.StartWith("# Two games").And.Contain("seeds 1, 4; 5 fresh episodes").And.Contain("drawn actions").And.Contain("](ConstrainedTwoStepGame.svg)"));
            Assert.That((limited[1], limited[2]), Is.EqualTo(("2", "512")), "seeds and steps");
            Assert.That(limited[5], Does.Contain("entry 0.5"), "the limit");
            Assert.That(unlimited[5], Does.Contain("entry 0,"));
            Assert.That(unlimited[6], Does.EndWith("of 2"), "seeds within the limits");
            Assert.That(limited[^1], Does.EndWith("MiB"));
            Assert.That(int.Parse(limited[^1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture), Is.InRange(50, 2000));
            Assert.That(picture, Does.Contain(">Mafocops<").And.Contain(">without limits<"));
            Assert.That(File.Exists(folder["runs", "plan", "ConstrainedTwoStepGame", "without limits", "seed-4", "policy.safetensors"]));
        });
    }

    [Test]
    public void Benchmark_CalledAgain_RunsOnlyWhatIsMissing()
    {
        using var folder = new TemporaryFolder();
        Plan(folder, Limited);
        Run(folder, 0, "benchmark", "plan.json");
        string first = Cell(folder, 1), second = Cell(folder, 4);
        DateTime before = File.GetLastWriteTimeUtc(Path.Combine(first, "policy.safetensors"));
        Directory.Delete(second, recursive: true);

        Assert.That(Run(folder, 0, "benchmark", "plan.json", "--report-only"), Does.Not.Contain("seed 4:"));
        Assert.That(Row(File.ReadAllText(folder["runs", "plan", "report.md"]), "Mafocops")[1], Is.EqualTo("1 of 2"));
        Assert.That(Run(folder, 0, "benchmark", "plan.json"), Does.Contain("1 of 2 runs are finished already").And.Contain("[2/2]").And.Contain("seed 4:"));
        Assert.That(File.GetLastWriteTimeUtc(Path.Combine(first, "policy.safetensors")), Is.EqualTo(before));
    }

    [Test]
    public void Benchmark_KilledAmidARun_GoesOnFromItsCheckpointToTheSameBits()
    {
        using var folder = new TemporaryFolder();
        string algorithm = """{ "algorithm": "mafocops", "options": { "CostLimit": 0.5, "TotalSteps": 6400 } }""";
        Plan(folder, algorithm, seeds: "1", more: """ "checkpointInterval": 64, """);
        Run(folder, 0, "benchmark", "plan.json", "--output", "whole");
        using (Process process = ChildProgram.Cli.Start(null, "benchmark", folder["plan.json"], "--output", folder["broken"]))
        {
            string metrics = Path.Combine(Cell(folder, 1, "broken"), "metrics.jsonl");
            Assert.That(() => File.Exists(metrics) && File.ReadLines(metrics).Count() > 3, Is.True.After(delayInMilliseconds: 60_000, pollingInterval: 5));
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }
        Assert.That(File.Exists(Path.Combine(Cell(folder, 1, "broken"), "evaluation.json")), Is.False, "it was killed before its end");

        // The claim on the run's folder goes with the killed process, which may take a moment.
        Assert.That(() => ChildProgram.Cli.RunToExit(null, folder.Path, "benchmark", "plan.json", "--output", "broken").ExitCode, Is.Zero.After(delayInMilliseconds: 20_000, pollingInterval: 500));
        Assert.That(File.ReadAllBytes(Path.Combine(Cell(folder, 1, "broken"), "policy.safetensors")), Is.EqualTo(File.ReadAllBytes(Path.Combine(Cell(folder, 1, "whole"), "policy.safetensors"))));
        Assert.That(File.ReadAllLines(Path.Combine(Cell(folder, 1, "broken"), "metrics.jsonl")), Has.Length.EqualTo(100));
    }

    [Test]
    public void Benchmark_WithOtherOptionsThanBefore_LeavesTheOldRunsAloneUnlessTold()
    {
        using var folder = new TemporaryFolder();
        Plan(folder, Limited);
        Run(folder, 0, "benchmark", "plan.json");
        Plan(folder, Limited.Replace("0.5", "0.25", StringComparison.Ordinal));
        byte[] before = File.ReadAllBytes(Path.Combine(Cell(folder, 1), "policy.safetensors"));

        Assert.That(Run(folder, 1, "benchmark", "plan.json"), Does.Contain("CostLimit is 0.5 instead of 0.25").And.Contain("--overwrite"));
        Assert.That(File.ReadAllBytes(Path.Combine(Cell(folder, 1), "policy.safetensors")), Is.EqualTo(before));
        Assert.That(Run(folder, 0, "benchmark", "plan.json", "--overwrite"), Does.Contain("0 of 2 runs are finished already"));
    }

    [Test]
    public void Benchmark_WhoseRunFails_SaysWhereItsLogIsAndFinishesTheOthers()
    {
        using var folder = new TemporaryFolder();
        Plan(folder, $$"""{ "algorithm": "mafocops", "options": { "CostLimits": { "nothing": 1 } } }, {{Unlimited}}""", seeds: "1");
        string output = Run(folder, 1, "benchmark", "plan.json");

        Assert.That(output, Does.Contain("seed 1: failed, see").And.Contain("without limits on ConstrainedTwoStepGame, seed 1: return"));
        Assert.That(File.ReadAllText(Path.Combine(Cell(folder, 1), "log.txt")), Does.Contain("'nothing'").And.Contain("entry, strain"));
        Assert.That(Row(File.ReadAllText(folder["runs", "plan", "report.md"]), "Mafocops")[1], Is.EqualTo("0 of 1"));
    }

    [TestCase("""{ "algorithm": "mafocop" }""", "", "Mafocops, Macpo")]
    [TestCase("""{ "algorithm": "mappo", "options": { "Gama": 1 } }""", "", "no option 'Gama'")]
    [TestCase("""{ "algorithm": "mappo", "options": { "Gamma": 2 } }""", "", "Gamma")]
    [TestCase("""{ "algorithm": "mappo", "options": { "Seed": 2 } }""", "", "plan's seeds")]
    [TestCase("""{ "algorithm": "mappo" }, { "algorithm": "Mappo" }""", "", "several runs of Mappo")]
    [TestCase("""{ "algorithm": "mappo", "name": "a/b" }""", "", "'a/b'")]
    [TestCase("""{ "algorithm": "mappo" }""", """ "episode": 3, """, "'episode'")]
    [TestCase("""{ "algorithm": "mappo" }""", """ "episodes": 0, """, "at least 1")]
    [TestCase("""{ "algorithm": "mafocops", "options": { } }""", """ "tasks": [ { "task": "Skirmish-3m" } ], """, "CostLimit")]
    [TestCase("", "", "at least one algorithm")]
    public void Benchmark_OfABadPlan_SaysWhatIsWrongAndBeginsNothing(string algorithms, string more, string said)
    {
        using var folder = new TemporaryFolder();
        Plan(folder, algorithms, more: more);

        Assert.That(Run(folder, 1, "benchmark", "plan.json"), Does.Contain(said));
        Assert.That(Directory.Exists(folder["runs"]), Is.False);
    }

    // A name that is given twice counts the second time, so that more comes last.
    private static void Plan(TemporaryFolder folder, string algorithms, string seeds = "1, 4", string more = "") => File.WriteAllText(
        folder["plan.json"],
        $$"""{ "name": "Two games", "seeds": [{{seeds}}], "episodes": 5, "options": { {{Options}} }, "algorithms": [ {{algorithms}} ], "tasks": [ { "task": "ConstrainedTwoStepGame" } ], {{more}} }""");

    private static string Cell(TemporaryFolder folder, int seed, string output = "runs/plan") => folder[output, "ConstrainedTwoStepGame", "Mafocops", $"seed-{seed}"];

    private static string[] Row(string report, string algorithm) =>
        [.. report.Split('\n').Single(l => l.StartsWith($"| {algorithm} |", StringComparison.Ordinal)).Trim('|').Split('|').Select(c => c.Trim())];

    private static string Run(TemporaryFolder folder, int expected, params string[] arguments)
    {
        (int exitCode, string output) = ChildProgram.Cli.RunToExit(null, folder.Path, arguments);
        Assert.That(exitCode, Is.EqualTo(expected), output);
        return output.ReplaceLineEndings(" ").Replace("  ", " ", StringComparison.Ordinal);
    }
}
