using System.Text.Json;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Optimization;
using SafeMarl.ML.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Optimization;

public sealed class ProjectedGradientsTests
{
    private static IEnumerable<TestCaseData> Golden() => GoldenFiles.Cases("value-factorization", "pcgrad");

    [Test]
    public void Combine_OfAParameterThatOnlyOneLossReaches_TakesHalfOfIt()
    {
        using var scope = NewDisposeScope();
        Tensor?[] combined = ProjectedGradients.Combine([tensor(new[] { 1f, 0 }), tensor(new[] { 4f }), null, null], [tensor(new[] { 1f, 2 }), null, tensor(new[] { 6f }), null]);

        Assert.Multiple(() =>
        {
            Assert.That(combined[0]!.ToDoubles(), Is.EqualTo(new[] { 1.0, 1 }));
            Assert.That(combined[1]!.ToDoubles(), Is.EqualTo(new[] { 2.0 }));
            Assert.That(combined[2]!.ToDoubles(), Is.EqualTo(new[] { 3.0 }));
            Assert.That(combined[3], Is.Null);
        });
    }

    [TestCaseSource(nameof(Golden)), Category("Golden")]
    public void Combine_OfThePapersGradients_GivesEquation7(string path)
    {
        int checkedCases = 0;
        foreach (JsonElement golden in GoldenFiles.Read(path).GetProperty("cases").EnumerateArray().Where(c => c.TryGetProperty("paper_eq7_half_weights", out _)))
        {
            using var scope = NewDisposeScope();
            Tensor T(string name) => GoldenTeams.Shaped(golden.GetProperty(name).Numbers("data"), -1);
            GoldenTeams.AssertClose(ProjectedGradients.Combine([T("g_Q")], [T("g_B")])[0]!.ToDoubles(), golden.GetProperty("paper_eq7_half_weights").Numbers("data"), golden.GetProperty("name").GetString()!, 1e-9);
            checkedCases++;
        }
        Assert.That(checkedCases, Is.GreaterThan(0));
    }
}
