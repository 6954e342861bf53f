using System.Reflection;
using Microsoft.ML;

namespace SafeMarl.StandIns.Tests.Surface;

/// <summary>Code that compiles against the stand-in compiles against the official packages.</summary>
internal sealed class MicrosoftMLSurfaceTests
{
    private static readonly Assembly StandIn = typeof(MLContext).Assembly;

    [Test]
    public void StandIn_EveryPublicLine_IsOneOfTheOfficialPackages()
    {
        HashSet<string> official = ApiFolder.Lines("Microsoft.ML.*.txt");

        string[] foreign = [.. ApiLines.Of(StandIn).Where(line => !official.Contains(line))];

        Assert.That(foreign, Is.Empty, string.Join('\n', foreign));
    }

    [Test]
    public void StandIn_TypesThatOthersImplement_LackNoAbstractMember()
    {
        HashSet<string> official = ApiFolder.Lines("Microsoft.ML.*.txt");
        var own = ApiLines.Of(StandIn).ToHashSet();

        string[] missing = [.. own.Where(IsImplementable).Select(Owner).SelectMany(owner => AbstractMembers(owner, official)).Where(line => !own.Contains(line))];

        Assert.That(missing, Is.Empty, string.Join('\n', missing));
    }

    [Test]
    public void AbstractMembers_OfAKnownInterfaceAndClass_AreFound()
    {
        HashSet<string> official = ApiFolder.Lines("Microsoft.ML.*.txt");

        Assert.That(AbstractMembers("Microsoft.ML.IDataView", official).Count(), Is.EqualTo(5));
        Assert.That(AbstractMembers("Microsoft.ML.IEstimator<out TTransformer>", official).Count(), Is.EqualTo(2));
        Assert.That(AbstractMembers("Microsoft.ML.DataViewRow", official).Count(), Is.EqualTo(6));
    }

    private static bool IsImplementable(string line) => line.StartsWith("T:", StringComparison.Ordinal)
        && (line.EndsWith("{interface}", StringComparison.Ordinal) || line.EndsWith("{class abstract}", StringComparison.Ordinal));

    // "T:Name<out T> : Base where T : class {interface}" -> "Name<out T>"
    private static string Owner(string line) => line[2..].Split(" : ")[0].Split(" where ")[0].Split(" {")[0];

    private static IEnumerable<string> AbstractMembers(string owner, HashSet<string> official)
    {
        bool isInterface = official.Any(line => IsImplementable(line) && Owner(line) == owner && line.EndsWith("{interface}", StringComparison.Ordinal));
        return official.Where(line => line[0] is 'M' or 'P' or 'E' && IsMemberOf(line, owner)
            && (isInterface ? !line.EndsWith("default-implementation}", StringComparison.Ordinal) && !line.EndsWith("{static}", StringComparison.Ordinal)
                : line.Contains("abstract", StringComparison.Ordinal) && line.EndsWith('}')));
    }

    private static bool IsMemberOf(string line, string owner)
    {
        string name = line[2..];
        if (!name.StartsWith(owner + ".", StringComparison.Ordinal))
            return false;
        string member = name[(owner.Length + 1)..];
        return member.IndexOfAny(['(', '<', '[', ' ']) is var end and > 0 && !member[..end].Contains('.', StringComparison.Ordinal);
    }
}
