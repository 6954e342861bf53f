namespace SafeMarl.Samples.Tests;

public sealed class QuickStartTests
{
    [Test]
    public void QuickStart_WithAFewSteps_TrainsEvaluatesSavesAndPredictsInAProcessOfItsOwn()
    {
        using var folder = new TemporaryFolder();
        (int exitCode, string output) = ChildProgram.QuickStart.RunToExit(null, folder.Path, "--steps", "12800");

        Assert.That(exitCode, Is.Zero, output);
        Assert.That(output, Does.Contain("random").And.Contain("MAPPO").And.Contain("MAFOCOPS").And.Contain("multiplier").And.Contain("steps/s"));
        Assert.That(output, Does.Match(@"agent_0: action \[-?\d\.\d{3}, -?\d\.\d{3}, -?\d\.\d{3}\]").And.Match(@"agent_1: action \["));
        Assert.That(new FileInfo(folder["artifacts", "quickstart", "cheetah.zip"]).Length, Is.GreaterThan(10_000));
        Assert.That(File.ReadAllText(folder["artifacts", "quickstart", "learning-curves.svg"]), Does.Contain("<polyline").And.Contain("limit 20"));
    }
}
