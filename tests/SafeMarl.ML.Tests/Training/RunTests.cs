using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.ML;
using SafeMarl.ML.Tests.Support;
using static SafeMarl.ML.Tests.Support.ToyEnvironment;

namespace SafeMarl.ML.Tests.Training;

public sealed class RunTests
{
    [Test]
    public void Fit_TellsEverybodyWhoWatches()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(1);
        var log = new List<string>();
        mlContext.Log += (_, e) => log.Add(e.Message);
        var progress = new List<TrainingProgress>();
        var console = new StringWriter();
        var measured = new Dictionary<string, double>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, l) => { if (instrument.Meter.Name == "SafeMarl.ML") l.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => measured[instrument.Name] = measured.GetValueOrDefault(instrument.Name) + value);
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => measured[instrument.Name] = value);
        listener.Start();
        using (var lines = new JsonLinesMetricSink(folder["metrics.jsonl"]))
        {
            mlContext.SafeMarl().Trainers.Mafocops(Small()).Fit(
                () => new ToyEnvironment(Kind.SharedBoxes), new TrainingRun { Progress = new Report(progress.Add), Sinks = [lines, new ConsoleMetricSink(console)] });
        }
        JsonElement[] json = [.. File.ReadLines(folder["metrics.jsonl"]).Select(line => JsonDocument.Parse(line).RootElement)];

        Assert.Multiple(() =>
        {
            Assert.That(progress.Select(p => p.Steps), Is.EqualTo(new long[] { 40, 80, 120 }));
            Assert.That(progress[0].Costs[0].Limit, Is.EqualTo(2));
            Assert.That(progress[0].Costs[0].Multiplier, Is.Not.Null);
            Assert.That(progress[2].TimeLeft, Is.EqualTo(TimeSpan.Zero));
            Assert.That(progress[0].TimeLeft, Is.GreaterThan(TimeSpan.Zero));
            Assert.That(json.Select(j => j.GetProperty("steps").GetInt64()), Is.EqualTo(new long[] { 40, 80, 120 }));
            Assert.That(json[0].GetProperty("return").GetDouble(), Is.EqualTo(progress[0].Return));
            Assert.That(progress[0].Agents.Select(a => (a.Agent, a.Return, a.Deviation)), Is.EqualTo(new[] { ("left", progress[0].Return, (double?)null), ("right", progress[0].Return, null) }), "a shared reward");
            Assert.That(json[0].GetProperty("returns").GetProperty("left").GetDouble(), Is.EqualTo(progress[0].Return));
            Assert.That(json[0].GetProperty("costs").GetProperty("left/far").GetDouble(), Is.EqualTo(progress[0].Costs[0].EpisodeCost));
            Assert.That(json[0].GetProperty("metrics").GetProperty("loss/reward").GetDouble(), Is.EqualTo(progress[0].Metrics["loss/reward"]));
            Assert.That(console.ToString().Trim().Split('\n'), Has.Length.EqualTo(3).And.All.Contains("steps/s").And.All.Contains("far").And.All.Contains("/2"));
            Assert.That(measured["safemarl.training.steps"], Is.EqualTo(120));
            Assert.That(measured["safemarl.training.return"], Is.EqualTo(progress[2].Return));
            Assert.That(log.Count(m => m.Contains("steps/s", StringComparison.Ordinal)), Is.EqualTo(3));
            Assert.That(log.First(m => m.Contains("steps/s", StringComparison.Ordinal)), Does.Contain("Source=Mafocops").And.Contain("Kind=Info"));
        });
    }

    [Test]
    public void Fit_OnATaskWithDeviations_ReportsEverySignalOfEveryAgent()
    {
        using var folder = new TemporaryFolder();
        var progress = new List<TrainingProgress>();
        var console = new StringWriter();
        using (var lines = new JsonLinesMetricSink(folder["metrics.jsonl"]))
        {
            MafocopsOptions options = Small();
            options.CostLimits["moved"] = 1;
            new MLContext(1).SafeMarl().Trainers.Mafocops(options).Fit(
                () => new ToyEnvironment(Kind.Mixed), new TrainingRun { Progress = new Report(progress.Add), Sinks = [lines, new ConsoleMetricSink(console)] });
        }
        JsonElement json = JsonDocument.Parse(File.ReadLines(folder["metrics.jsonl"]).First()).RootElement;

        Assert.Multiple(() =>
        {
            // In this task the deviation is the reward with the other sign.
            Assert.That(progress[0].Agents.Select(a => a.Deviation!.Value), Is.EqualTo(progress[0].Agents.Select(a => -a.Return!.Value)).Within(1e-5));
            Assert.That(progress[0].Agents.Select(a => a.Return), Is.Unique, "each agent has a return of its own");
            Assert.That(progress[0].Deviation, Is.EqualTo(progress[0].Agents.Average(a => a.Deviation!.Value)));
            Assert.That(json.GetProperty("deviations").GetProperty("chooser").GetDouble(), Is.EqualTo(progress[0].Agents[1].Deviation));
            Assert.That(console.ToString(), Does.Contain("deviation"));
        });
    }

    [Test]
    public void JsonLines_OfAResumedRun_DropsWhatTheCheckpointDoesNotKnow()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllLines(folder["m.jsonl"], ["{\"steps\":10}", "{\"steps\":20}", "{\"steps\":30}", "{\"ste"]);
        using (new JsonLinesMetricSink(folder["m.jsonl"], resumedSteps: 20))
        {
        }

        Assert.That(File.ReadAllLines(folder["m.jsonl"]), Is.EqualTo(new[] { "{\"steps\":10}", "{\"steps\":20}" }));
    }

    [Test]
    public void Fit_WithABestPolicy_GivesTheFeasibleOneWithTheHighestReturn()
    {
        var reports = new List<TrainingProgress>();
        MafocopsOptions options = Small();
        options.TotalSteps = 40 * 30;
        options.CostLimit = 1.5;
        options.ActorLearningRate = 0.01;
        PolicyTransformer best = new MLContext(1).SafeMarl().Trainers.Mafocops(options).Fit(
            () => new ToyEnvironment(Kind.SharedBoxes), new TrainingRun { Policy = PolicyChoice.Best, Progress = new Report(reports.Add) });
        // A report tells what the policy before its update did; that policy had been trained for the steps before.
        TrainingProgress[] feasible = [.. reports.Where(r => r.Costs.All(c => c.EpisodeCost <= c.Limit))];
        TrainingProgress expected = feasible.Length > 0 ? feasible.MaxBy(r => r.Return)! : reports.MinBy(r => r.Costs.Sum(c => c.EpisodeCost))!;

        Assert.That(best.Policy.Origin.Steps, Is.EqualTo(expected.Steps - 40));
    }

    [Test]
    public void Fit_WithAFullDisk_SaysSoBeforeTraining()
    {
        string? small = SmallFileSystem.Mount(64 * 1024);
        if (small is null)
            Assert.Ignore("no small file system can be mounted here");
        try
        {
            int reports = 0;
            MafocopsOptions options = Small();
            options.HiddenSize = 256;

            Assert.That(() => new MLContext(1).SafeMarl().Trainers.Mafocops(options).Fit(() => new ToyEnvironment(Kind.SharedBoxes), new TrainingRun
            {
                Folder = Path.Combine(small!, "run"), Progress = new Report(_ => reports++),
            }), Throws.TypeOf<RunFolderException>().With.Message.Contains("No space left"));
            Assert.That(reports, Is.Zero);
            Assert.That(Directory.EnumerateFileSystemEntries(Path.Combine(small!, "run", "checkpoints")), Is.Empty, "nothing half-written stays");
        }
        finally
        {
            SmallFileSystem.Unmount(small!);
        }
    }

    [Test]
    public void Fit_InTheFolderOfAnEarlierRun_LeavesItAlone()
    {
        using var folder = new TemporaryFolder();
        var run = new TrainingRun { Folder = folder["run"] };
        MafocopsTrainer trainer = new MLContext(1).SafeMarl().Trainers.Mafocops(Small());
        trainer.Fit(() => new ToyEnvironment(Kind.SharedBoxes), run);

        Assert.That(() => trainer.Fit(() => new ToyEnvironment(Kind.SharedBoxes), run), Throws.TypeOf<RunFolderException>().With.Message.Contains("Resume"));
        Assert.That(TrainingRun.LatestCheckpoint(folder["run"]), Is.EqualTo(120));
        Assert.That(TrainingRun.LatestCheckpoint(folder["none"]), Is.Null);
    }

    [Test]
    public void Fit_ResumedWithOtherOptions_NamesTheOneThatDiffers()
    {
        using var folder = new TemporaryFolder();
        var run = new TrainingRun { Folder = folder["run"], Resume = true };
        MafocopsOptions options = Small();
        new MLContext(1).SafeMarl().Trainers.Mafocops(options).Fit(() => new ToyEnvironment(Kind.SharedBoxes), run);
        options.Lambda = 3;
        Assert.That(() => new MLContext(1).SafeMarl().Trainers.Mafocops(options).Fit(() => new ToyEnvironment(Kind.SharedBoxes), run),
            Throws.TypeOf<InvalidOptionsException>().With.Message.Contains("Lambda = 2.2").And.Message.Contains("3"));

        MafocopsOptions longer = Small();
        longer.TotalSteps = 160;
        longer.WorkerThreads = 1;
        PolicyTransformer resumed = new MLContext(1).SafeMarl().Trainers.Mafocops(longer).Fit(() => new ToyEnvironment(Kind.SharedBoxes), run);
        Assert.That(resumed.Policy.Origin.Steps, Is.EqualTo(160));
    }

    [Test]
    public void JsonLines_WithoutTheEndOfTheLastLine_PutsIt()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["m.jsonl"], "{\"steps\":10}\n{\"steps\":20}");
        new JsonLinesMetricSink(folder["m.jsonl"], resumedSteps: 20).Dispose();

        Assert.That(File.ReadAllText(folder["m.jsonl"]), Is.EqualTo("{\"steps\":10}\n{\"steps\":20}\n"));
    }

    [Test]
    public void Fit_WithARolloutTooLarge_SaysWhichOptionsMakeIt()
    {
        MafocopsOptions options = Small();
        (options.Environments, options.RolloutSteps) = (4096, 1_000_000);

        Assert.That(() => new MLContext(1).SafeMarl().Trainers.Mafocops(options).Fit(() => new ToyEnvironment(Kind.SharedBoxes)),
            Throws.TypeOf<InvalidOptionsException>().With.Message.Contains("RolloutSteps * Environments"));
    }

    [Test]
    public void Fit_WithInputNormOnTwoNumbers_WarnsThatLittleIsLeft()
    {
        var mlContext = new MLContext(1);
        var warnings = new List<string>();
        mlContext.Log += (_, e) => { if (e.Message.Contains("Kind=Warning", StringComparison.Ordinal)) warnings.Add(e.Message); };
        mlContext.SafeMarl().Trainers.Mappo(new MappoOptions { TotalSteps = 8, Environments = 2, RolloutSteps = 4, HiddenSize = 4, Device = "cpu" }).Fit(() => new ToyEnvironment(Kind.MaskedChoices));

        Assert.That(warnings, Has.One.Contains("InputNorm").And.One.Contains("which of two is larger"));
    }

    [Test]
    public void JsonLines_IntoAFolderThatIsNotThere_MakesIt()
    {
        using var folder = new TemporaryFolder();
        new JsonLinesMetricSink(folder["a", "b", "m.jsonl"]).Dispose();

        Assert.That(File.Exists(folder["a", "b", "m.jsonl"]), Is.True);
    }

    [Test]
    public void Fit_InTheBackground_CanBeCancelled()
    {
        using var cancellation = new CancellationTokenSource();
        MafocopsOptions options = Small();
        options.TotalSteps = 100_000_000;
        Task<PolicyTransformer> fit = new MLContext(1).SafeMarl().Trainers.Mafocops(options).FitAsync(
            () => new ToyEnvironment(Kind.SharedBoxes), new TrainingRun { CancellationToken = cancellation.Token, Progress = new Report(p => { if (p.Iteration == 3) cancellation.Cancel(); }) });

        Assert.That(fit.Wait(TimeSpan.FromMinutes(1)), Is.True);
        Assert.That(fit.Result.Policy.Origin.Steps, Is.EqualTo(120));
    }

    [TestCase("gpu", "auto")]
    [TestCase("cuda:x", "auto")]
    public void Fit_OnADeviceOfNoSuchName_SaysWhichThereAre(string device, string allowed) =>
        Assert.That(() => { MafocopsOptions o = Small(); o.Device = device; new MLContext(1).SafeMarl().Trainers.Mafocops(o); },
            Throws.TypeOf<InvalidOptionsException>().With.Message.Contains(device).And.Message.Contains(allowed));

    [Test]
    public void Fit_OnADeviceThatIsNotThere_SaysWhatIs()
    {
        MafocopsOptions options = Small();
        options.Device = "cuda:63";

        Assert.That(() => new MLContext(1).SafeMarl().Trainers.Mafocops(options).Fit(() => new ToyEnvironment(Kind.SharedBoxes)),
            Throws.TypeOf<DeviceUnavailableException>().With.Message.Contains("cuda:63").And.Message.Contains("'cpu'"));
    }

    private static MafocopsOptions Small() => new()
    {
        TotalSteps = 120, Seed = 1, CostLimit = 2, Environments = 5, RolloutSteps = 8, MinibatchSize = 16, HiddenSize = 8, Epochs = 1, Device = "cpu", MultiplierLearningRate = 0.1,
    };

    private sealed class Report(Action<TrainingProgress> action) : IProgress<TrainingProgress>
    {
        void IProgress<TrainingProgress>.Report(TrainingProgress value) => action(value);
    }
}
