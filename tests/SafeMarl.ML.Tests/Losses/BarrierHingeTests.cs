using System.Text.Json;
using SafeMarl.ML.Losses;

namespace SafeMarl.ML.Tests.Losses;

public sealed class BarrierHingeTests
{
    private static IEnumerable<TestCaseData> Golden() => GoldenFiles.Cases("value-factorization", "barrier");

    [Test]
    public void Of_AnEpisodeThatLosesNobody_IsZero()
    {
        var hinges = new float[3];
        BarrierHinge.Of([0, 0, 0, 0], 0.5, 0.1, hinges);

        Assert.That(hinges, Is.All.Zero);
    }

    [Test]
    public void Of_ALossAtTheEnd_BlamesEachStepHalfAsMuchAsTheNext()
    {
        // B = 0.25, 0.5, 1: the hinge of a step before the loss is (1 / gamma - 1 + lambda) B = 1.1 B.
        var hinges = new float[2];
        BarrierHinge.Of([0, 0, 1], 0.5, 0.1, hinges);

        Assert.That(hinges, Is.EqualTo(new[] { 0.275f, 0.55f }).Within(1e-6));
    }

    [TestCaseSource(nameof(Golden)), Category("Golden")]
    public void Of_NewLosses_AreThePapersEquations4And5(string path)
    {
        foreach (JsonElement golden in GoldenFiles.Read(path).GetProperty("eq4_eq5").EnumerateArray())
        {
            foreach (JsonElement episode in golden.GetProperty("episodes").EnumerateArray())
            {
                double[] dead = episode.Numbers("dead_allies"), expected = episode.GetProperty("increment").Numbers("hinge");
                float[] lost = [.. dead.Select((d, t) => (float)(d - (t > 0 ? dead[t - 1] : 0)))], hinges = new float[dead.Length - 1];
                BarrierHinge.Of(lost, golden.Number("gamma_B"), golden.Number("lambda_B"), hinges);

                Assert.That(hinges, Is.EqualTo(expected.Select(h => (float)h)).Within(1e-5));
            }
        }
    }
}
