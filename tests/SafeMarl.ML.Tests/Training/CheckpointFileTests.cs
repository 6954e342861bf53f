using SafeMarl.Environments;
using SafeMarl.ML.Files;
using SafeMarl.ML.Tests.Support;
using SafeMarl.ML.Training;

namespace SafeMarl.ML.Tests.Training;

public sealed class CheckpointFileTests
{
    private static readonly RunDescription Run = new("Algorithm", "Task", "Task: 1 step", 3, 100, 2, new Dictionary<string, double>());

    [Test]
    public void LoadLatest_AfterSeveralSaves_GivesTheNewestAndKeepsTwo()
    {
        using var folder = new TemporaryFolder();
        var checkpoints = new CheckpointFolder(folder.Path);
        foreach (long steps in new long[] { 5, 50, 500 })
            checkpoints.Save(Run, Options(), steps / 5, steps, State(steps));
        (CheckpointHeader header, TensorFile state) = checkpoints.LoadLatest()!.Value;

        Assert.Multiple(() =>
        {
            Assert.That((header.Steps, header.Iteration, header.Seed), Is.EqualTo((500L, 100L, 3)));
            Assert.That(state.Get<double>("x"), Is.EqualTo(new double[] { 500 }));
            Assert.That(Directory.EnumerateDirectories(folder["checkpoints"]).Count(), Is.EqualTo(2));
        });
    }

    [Test]
    public void LoadLatest_OfAnEmptyFolder_GivesNone()
    {
        using var folder = new TemporaryFolder();

        Assert.That(new CheckpointFolder(folder.Path).LoadLatest(), Is.Null);
    }

    [Test]
    public void Folder_WithAHalfWrittenCheckpoint_IgnoresItAndRemovesItBeforeARun()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["checkpoints", "step-000000000000900.abc.tmp"]);
        File.WriteAllText(folder["checkpoints", "step-000000000000900.abc.tmp", "state.safetensors"], "half");

        var checkpoints = new CheckpointFolder(folder.Path);
        Assert.That(checkpoints.LoadLatest(), Is.Null);
        Assert.That(Directory.EnumerateFileSystemEntries(folder["checkpoints"]), Is.Not.Empty, "looking changes nothing");
        checkpoints.Claim().Dispose();
        Assert.That(Directory.EnumerateFileSystemEntries(folder["checkpoints"]), Is.Empty);
    }

    [Test]
    public void Claim_OfAFolderInUse_IsRefusedUntilItIsFree()
    {
        using var folder = new TemporaryFolder();
        var checkpoints = new CheckpointFolder(folder.Path);
        using (checkpoints.Claim())
            Assert.That(() => new CheckpointFolder(folder.Path).Claim(), Throws.TypeOf<RunFolderException>().With.Message.Contains(folder.Path));

        Assert.That(() => checkpoints.Claim().Dispose(), Throws.Nothing);
    }

    [Test]
    public void LoadLatest_WithAHeaderOfAnotherCheckpoint_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var checkpoints = new CheckpointFolder(folder.Path);
        checkpoints.Save(Run, Options(), 1, 1, State(1));
        checkpoints.Save(Run, Options(), 2, 2, State(2));
        string[] folders = [.. Directory.EnumerateDirectories(folder["checkpoints"]).Order(StringComparer.Ordinal)];
        File.Copy(Path.Combine(folders[0], "checkpoint.json"), Path.Combine(folders[1], "checkpoint.json"), overwrite: true);

        Assert.That(() => checkpoints.LoadLatest(), Throws.TypeOf<CorruptFileException>().With.Message.Contains("do not belong together"));
    }

    [TestCase("checkpoint.json")]
    [TestCase("state.safetensors")]
    public void LoadLatest_WithoutOneOfItsFiles_IsRefused(string file)
    {
        using var folder = new TemporaryFolder();
        var checkpoints = new CheckpointFolder(folder.Path);
        checkpoints.Save(Run, Options(), 1, 1, State(1));
        File.Delete(Directory.EnumerateFiles(folder.Path, file, SearchOption.AllDirectories).Single());

        Assert.That(() => checkpoints.LoadLatest(), Throws.TypeOf<CorruptFileException>().With.Message.Contains("Delete this folder"));
    }

    [Test]
    public void LoadLatest_OfThousandsOfDamagedCheckpoints_RefusesEachOrLoadsTheSame([Values("checkpoint.json", "state.safetensors")] string file)
    {
        using var folder = new TemporaryFolder();
        var checkpoints = new CheckpointFolder(folder.Path);
        checkpoints.Save(Run, Options(), 1, 1, State(1));
        string path = Directory.EnumerateFiles(folder.Path, file, SearchOption.AllDirectories).Single();
        byte[] good = File.ReadAllBytes(path);
        var random = new RandomStream(1);
        int refused = 0;
        for (int i = 0; i < 2000; i++)
        {
            byte[] bad = i % 2 == 0 ? [.. good] : good[..random.NextInt(good.Length)];
            if (i % 2 == 0)
                bad[random.NextInt(bad.Length)] ^= (byte)(1 << random.NextInt(8));
            File.WriteAllBytes(path, bad);
            try
            {
                (CheckpointHeader header, TensorFile state) = checkpoints.LoadLatest()!.Value;
                Assert.That((header.Steps, state.Get<double>("x")[0]), Is.EqualTo((1L, 1.0)));
            }
            catch (CorruptFileException)
            {
                refused++;
            }
        }

        Assert.That(refused, Is.GreaterThan(1990));
    }

    private static System.Text.Json.JsonElement Options() => System.Text.Json.JsonSerializer.SerializeToElement(new { a = 1 });

    private static TensorFile State(long value)
    {
        var file = new TensorFile();
        file.Add<double>("x", [value]);
        return file;
    }
}
