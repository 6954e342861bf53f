using System.Text.Json;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Tests.Support;

namespace SafeMarl.ML.Tests.Policies;

/// <summary>Risk measures by hand, and against RiskQ's.</summary>
public sealed class DistortionTests
{
    private static readonly (RiskMeasure Measure, double Level)[] All =
    [
        (RiskMeasure.Neutral, 0), (RiskMeasure.Wang, 0.75), (RiskMeasure.Wang, -0.75), (RiskMeasure.ConditionalValueAtRisk, 0.1), (RiskMeasure.ConditionalValueAtRisk, -0.3),
        (RiskMeasure.CumulativeProbabilityWeighting, 0.71), (RiskMeasure.CumulativeProbabilityWeighting, -0.5),
    ];

    private static IEnumerable<TestCaseData> Measures() => GoldenFiles.Cases("value-factorization", "risk_measures");

    private static IEnumerable<TestCaseData> Shares() => GoldenFiles.Cases("value-factorization", "cvar");

    [TestCaseSource(nameof(All))]
    public void Weights_OfEveryMeasure_AreNoneNegativeAndSumToOne((RiskMeasure Measure, double Level) risk)
    {
        double[] weights = new Distortion(risk.Measure, risk.Level).Weights(32);
        Assert.That(weights.Sum(), Is.EqualTo(1).Within(1e-12));
        Assert.That(weights, Is.All.Not.Negative);
    }

    [Test]
    public void Weights_OfAShareBetweenQuantiles_CountTheLastOneInPart() =>
        Assert.That(new Distortion(RiskMeasure.ConditionalValueAtRisk, 0.375).Weights(4), Is.EqualTo(new[] { 2 / 3.0, 1 / 3.0, 0, 0 }).Within(1e-12));

    [TestCaseSource(nameof(Measures)), Category("Golden")]
    public void Weights_OfMeasuresThatRiskqHas_AreItsDensities(string path)
    {
        // Its weights are densities at the middles, cut off at 5: ours are what the distortion rises by, so that the density is compared.
        const double step = 1e-6;
        foreach (JsonElement golden in GoldenFiles.Read(path).GetProperty("cases").EnumerateArray())
        {
            if (Known(golden.GetProperty("risk_type").GetString()!) is not { } measure || !golden.TryGetProperty("weights_per_quantile", out JsonElement weights) || weights.ValueKind != JsonValueKind.Object)
                continue; // measures that are no distortions
            double[] expected = weights.Numbers("data");
            var distortion = new Distortion(measure, golden.Number("risk_param"));
            for (int k = 0; k < expected.Length; k++)
            {
                double tau = (k + 0.5) / expected.Length, density = (distortion.Of(tau + step) - distortion.Of(tau - step)) / (2 * step);
                Assert.That(Math.Min(density, 5), Is.EqualTo(expected[k]).Within(1e-6), $"{measure}, {golden.Number("risk_param")}, quantile {k}");
            }
        }
    }

    [TestCaseSource(nameof(Shares)), Category("Golden")]
    public void Weights_OfAShare_GiveTheExactMeanOfTheWorst(string path)
    {
        foreach (JsonElement golden in GoldenFiles.Read(path).GetProperty("cases").EnumerateArray())
        {
            double[] quantiles = [.. golden.Numbers("atoms").Order()];
            double[] weights = new Distortion(RiskMeasure.ConditionalValueAtRisk, golden.Number("alpha")).Weights(quantiles.Length);
            Assert.That(weights.Zip(quantiles, (w, z) => w * z).Sum(), Is.EqualTo(golden.Number("exact_fractional")).Within(1e-9));
        }
    }

    private static RiskMeasure? Known(string name) => name switch
    {
        "neutral" => RiskMeasure.Neutral,
        "cvar" => RiskMeasure.ConditionalValueAtRisk,
        "wang" => RiskMeasure.Wang,
        "cpw" => RiskMeasure.CumulativeProbabilityWeighting,
        _ => null,
    };
}
