using System.Reflection;
using System.Runtime.CompilerServices;
using SafeMarl.Environments;

namespace SafeMarl.ML.Tests.Architecture;

/// <summary>
/// The public API of the two packages, pinned: a change shows in the diff of the text files beside this test. With SAFEMARL_UPDATE_API=1 the
/// test writes them anew.
/// </summary>
public sealed class PublicApiTests
{
    private static readonly Assembly[] Packages = [typeof(VectorEnvironment).Assembly, typeof(SafeMarlCatalog).Assembly];

    [TestCaseSource(nameof(Packages))]
    public void PublicApi_OfAPackage_IsTheRecordedOne(Assembly package)
    {
        string path = Path.Combine(Path.GetDirectoryName(Here())!, $"{package.GetName().Name}.PublicApi.txt");
        IReadOnlyList<string> actual = ApiLines.Of(package);
        if (Environment.GetEnvironmentVariable("SAFEMARL_UPDATE_API") == "1")
            File.WriteAllLines(path, actual);
        string[] recorded = File.ReadAllLines(path);

        Assert.Multiple(() =>
        {
            Assert.That(actual.Except(recorded), Is.Empty, "new in the API");
            Assert.That(recorded.Except(actual), Is.Empty, "gone from the API");
        });
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
