using System.Text.Json;
using SafeMarl.Environments;

namespace SafeMarl.ML.Tests.Evaluation;

public sealed class StatisticsTests
{
    private static IEnumerable<TestCaseData> Cases() => GoldenFiles.Cases("verification", "verification");

    [TestCaseSource(nameof(Cases)), Category("Golden")]
    public void ViolationRateUpperBound_OfTheReference_IsTheBinomialTail(string path)
    {
        foreach (JsonElement item in GoldenFiles.Read(path).GetProperty("binomial_tail").EnumerateArray())
        {
            int n = item.GetProperty("N").GetInt32(), k = item.GetProperty("k").GetInt32();
            Assert.That(Statistics.ViolationRateUpperBound(k, n, 1 - item.Number("beta")), Is.EqualTo(item.Number("eps_binomial_tail")).Within(1e-10), $"N = {n}, k = {k}");
        }
    }

    [TestCase(32, 4, 0.05, 0.263597)]
    [TestCase(100, 5, 0.05, 0.102253)]
    [TestCase(1000, 10, 1e-6, 0.0340098)]
    [TestCase(200, 200, 0.05, 1)]
    public void ViolationRateUpperBound_OfTheFactSheet_AgreesToItsDigits(int n, int k, double beta, double expected) =>
        Assert.That(Statistics.ViolationRateUpperBound(k, n, 1 - beta), Is.EqualTo(expected).Within(1e-6));

    // Bounds of 0 and n: 1 - 0.025^(1/n). 50 of 100 as printed in tables of exact binomial intervals.
    [TestCase(0, 100, 0, 0.036217)]
    [TestCase(100, 100, 0.963783, 1)]
    [TestCase(50, 100, 0.398321, 0.601679)]
    public void RateInterval_OfKnownCounts_IsClopperPearsons(int count, int episodes, double low, double high)
    {
        Interval interval = Statistics.RateInterval(count, episodes);

        Assert.That((interval.Low, interval.High), Is.EqualTo((low, high)).Using<(double Low, double High)>((a, b) => Math.Abs(a.Low - b.Low) < 1e-6 && Math.Abs(a.High - b.High) < 1e-6));
    }

    [Test]
    public void ViolationRateUpperBound_OverManyExperiments_HoldsAsOftenAsItClaims()
    {
        var random = new RandomStream(1);
        int held = 0;
        for (int experiment = 0; experiment < 2000; experiment++)
        {
            int violations = Enumerable.Range(0, 50).Count(_ => random.NextDouble() < 0.1);
            held += Statistics.ViolationRateUpperBound(violations, 50, 0.9) >= 0.1 ? 1 : 0;
        }

        Assert.That(held / 2000.0, Is.GreaterThan(0.89));
    }

    [Test]
    public void MeanInterval_OfNormalValues_IsCloseToTheTextbooks()
    {
        var random = new RandomStream(2);
        double[] values = [.. Enumerable.Range(0, 400).Select(_ => 5 + (2 * random.NextGaussian()))];
        Interval interval = Statistics.MeanInterval(values);
        double mean = values.Average(), half = 1.96 * Math.Sqrt(values.Select(v => Math.Pow(v - mean, 2)).Average() / 400);

        Assert.That((interval.Low, interval.High), Is.EqualTo((mean - half, mean + half)).Using<(double, double)>((a, b) => Math.Abs(a.Item1 - b.Item1) < 0.03 && Math.Abs(a.Item2 - b.Item2) < 0.03));
    }

    [Test]
    public void MeanInterval_OfTheSameValues_IsTheSame()
    {
        Interval first = Statistics.MeanInterval([1, 2, 5, 9]), second = Statistics.MeanInterval([1, 2, 5, 9]);

        Assert.That(second, Is.EqualTo(first));
    }

    [TestCase(new double[] { 1, 2, 3, 4, 5, 6, 7, 80 }, 4.5)]
    [TestCase(new double[] { 0, 10, 10, 100 }, 10)]
    [TestCase(new double[] { 3 }, 3)]
    [TestCase(new double[] { 0, 6, 60 }, 14)] // (0.25 * 0 + 1 * 6 + 0.25 * 60) / 1.5
    public void InterquartileMean_OfValues_IsTheMeanOfTheMiddleHalf(double[] values, double expected) =>
        Assert.That(Statistics.InterquartileMean(values), Is.EqualTo(expected).Within(1e-12));

    [Test]
    public void InterquartileMeanInterval_OfSeedsWithOneFailure_HoldsTheMiddleAndIgnoresMostOfIt()
    {
        double[] seeds = [9.8, 10.1, 10, 9.9, 10.2, 10, 9.7, 10.3, 10, -1000];
        Interval interval = Statistics.InterquartileMeanInterval(seeds), mean = Statistics.MeanInterval(seeds), certain = Statistics.InterquartileMeanInterval([3, 3, 3]);

        Assert.That(Statistics.InterquartileMean(seeds), Is.InRange(interval.Low, interval.High));
        Assert.That(interval.High - interval.Low, Is.LessThan(0.5 * (mean.High - mean.Low)));
        Assert.That(certain, Is.EqualTo(new Interval(3, 3)));
    }

    [Test]
    public void Arguments_OutsideTheirRange_AreRefused() => Assert.Multiple(() =>
    {
        Assert.That(() => Statistics.ViolationRateUpperBound(3, 2), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => Statistics.ViolationRateUpperBound(0, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => Statistics.ViolationRateUpperBound(0, 5, 1), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("between 0 and 1"));
        Assert.That(() => Statistics.MeanInterval([]), Throws.ArgumentException);
    });
}
