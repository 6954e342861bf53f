using System.Globalization;
using System.Text.RegularExpressions;

namespace SafeMarl.Samples.Tests;

public sealed partial class CustomTaskTests
{
    [Test]
    public void CustomTask_WithALimit_TeachesACartToWait()
    {
        string[] lines = ChildProgram.CustomTask.Run(null);
        int unconstrained = Conflicts(lines, "MAPPO"), constrained = Conflicts(lines, "MAFOCOPS");

        Assert.That(unconstrained, Is.GreaterThan(150), "without a limit both drive on");
        Assert.That(constrained, Is.LessThan(20));
    }

    private static int Conflicts(string[] lines, string algorithm) =>
        int.Parse(ConflictsOf().Match(lines.Single(l => l.StartsWith(algorithm, StringComparison.Ordinal))).Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"conflicts in (\d+) of 200")]
    private static partial Regex ConflictsOf();
}
