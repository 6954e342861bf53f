using System.Diagnostics;
using SafeMarl.ML.Tests.Support;

namespace SafeMarl.ML.Tests.Training;

/// <summary>What only shows in processes of their own.</summary>
public sealed class ProcessTests
{
    private const string Steps = "18000";

    [Test]
    public void Fit_InTwoProcessesWithOneAndTwoThreads_GivesTheSameBits()
    {
        string[] one = ChildProgram.TestHost.Run(null, "hash", "10000", "1"), two = ChildProgram.TestHost.Run(null, "hash", "10000", "2");

        Assert.That(two, Is.EqualTo(one));
    }

    [Test]
    public void Fit_KilledAtRandomMomentsAndResumed_GivesTheSameBitsAsNeverStopped()
    {
        using var whole = new TemporaryFolder();
        using var killed = new TemporaryFolder();
        string[] uninterrupted = ChildProgram.TestHost.Run(null, "train", whole["run"], Steps, "2");
        var random = new Random(); // the moment is left to chance on purpose
        for (int kill = 0; kill < 3; kill++)
        {
            using Process process = ChildProgram.TestHost.Start(null, "train", killed["run"], Steps, "2", "resume");
            string? last = Newest(killed["run"]);
            while (Newest(killed["run"]) == last && !process.HasExited)
                Thread.Sleep(1);
            Thread.Sleep(random.Next(150));
            Assert.That(process.HasExited, Is.False, "the run is over before it can be killed");
            process.Kill();
            process.WaitForExit();
        }
        string[] resumed = ChildProgram.TestHost.Run(null, "train", killed["run"], Steps, "2", "resume");

        Assert.That(resumed, Is.EqualTo(uninterrupted));
        Assert.That(Directory.EnumerateFileSystemEntries(killed["run", "checkpoints"], "*.tmp"), Is.Empty, "no half-written checkpoint is left");
    }

    private static string? Newest(string run) =>
        Directory.Exists(Path.Combine(run, "checkpoints")) ? Directory.EnumerateDirectories(Path.Combine(run, "checkpoints"), "step-*").Where(p => !p.EndsWith(".tmp", StringComparison.Ordinal)).Max(StringComparer.Ordinal) : null;
}
