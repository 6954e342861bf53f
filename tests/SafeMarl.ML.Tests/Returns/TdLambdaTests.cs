using System.Text.Json;
using SafeMarl.ML.Returns;
using SafeMarl.ML.Tests.Support;

namespace SafeMarl.ML.Tests.Returns;

public sealed class TdLambdaTests
{
    private static IEnumerable<TestCaseData> Golden() => GoldenFiles.Cases("value-factorization", "td_lambda");

    [Test]
    public void Returns_OfATruncatedEpisodeBesideALongerOne_BootstrapFromItsOwnEnd()
    {
        // One step, reward 1, value 4 after it: 1 + 0.5 * 4, whatever stands where the longer episode goes on.
        float[] returns = TdLambda.Returns([1, 1, 0, 1], [1, 2], [false, true], [9, 9, 4, 2, 100, 100], gamma: 0.5, lambda: 0.5);

        // The longer one terminates: 1; before it 1 + 0.5 (0.5 * 2 + 0.5 * 1).
        Assert.That(returns, Is.EqualTo(new[] { 3, 1.75f, 0, 1 }));
    }

    [TestCaseSource(nameof(Golden)), Category("Golden")]
    public void Returns_WhereThePeersDoNotRunThroughPadding_AreThePeers(string path)
    {
        foreach (JsonElement golden in GoldenFiles.Read(path).GetProperty("cases").EnumerateArray())
        {
            JsonElement args = golden.GetProperty("args"), inputs = golden.GetProperty("inputs"), outputs = golden.GetProperty("outputs");
            int[] lengths = [.. args.Numbers("lengths").Select(n => (int)n)];
            bool[] terminated = [.. args.Numbers("terminated_flag").Select(n => n > 0)];
            int steps = (int)inputs.GetProperty("reward").Numbers("shape")[1];
            Assert.Multiple(() =>
            {
                foreach ((string values, string expected) in new[] { ("target_qs", "td_lambda"), ("target_qs_dist", "td_lambda_dist") })
                {
                    double[] shape = inputs.GetProperty(values).Numbers("shape");
                    int quantiles = shape.Length > 3 ? (int)shape[3] : 1;
                    float[] returns = TdLambda.Returns(
                        Swap(inputs.GetProperty("reward"), 1), lengths, terminated, Swap(inputs.GetProperty(values), quantiles), args.Number("gamma"), args.Number("lambda"));
                    double[] peer = outputs.GetProperty(expected).Numbers("data");
                    for (int b = 0; b < lengths.Length; b++)
                    {
                        if (!terminated[b] && lengths[b] < steps)
                            continue; // truncated early: the peers' returns come from padding
                        for (int t = 0; t < lengths[b]; t++)
                        {
                            for (int k = 0; k < quantiles; k++)
                                Assert.That(returns[(t * lengths.Length + b) * quantiles + k], Is.EqualTo(peer[(b * steps + t) * quantiles + k]).Within(2e-5), $"{expected}: episode {b}, step {t}");
                        }
                    }
                }
            });
        }
    }

    // [B, T, 1, K] to [T, B, K].
    private static float[] Swap(JsonElement values, int quantiles)
    {
        double[] data = values.Numbers("data"), shape = values.Numbers("shape");
        (int episodes, int steps) = ((int)shape[0], (int)shape[1]);
        return [.. Enumerable.Range(0, steps).SelectMany(t => Enumerable.Range(0, episodes).SelectMany(b => Enumerable.Range(0, quantiles).Select(k => (float)data[(b * steps + t) * quantiles + k])))];
    }
}
