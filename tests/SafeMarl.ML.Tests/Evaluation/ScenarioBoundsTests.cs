using System.Text.Json;
using SafeMarl.Environments;

namespace SafeMarl.ML.Tests.Evaluation;

public sealed class ScenarioBoundsTests
{
    private static IEnumerable<TestCaseData> Cases() => GoldenFiles.Cases("verification", "verification");

    [TestCaseSource(nameof(Cases)), Category("Golden")]
    public void BinomialTail_OfTheReference_Agrees(string path)
    {
        foreach (JsonElement item in GoldenFiles.Read(path).GetProperty("binomial_tail").EnumerateArray())
        {
            (int n, int k, double beta) = Arguments(item);
            double bound = ScenarioBounds.BinomialTail(k, n, beta);
            AssertAgrees(bound, item.Number("eps_binomial_tail"), $"N = {n}, k = {k}, beta = {beta}");
            if (item.NumberOrNull("closed_form_k0") is { } closed)
                AssertAgrees(bound, closed, $"N = {n}: closed form");
            if (item.NumberOrNull("rule_of_three_k0") is { } rule)
            {
                AssertAgrees(-Math.Log(beta) / n, rule, $"N = {n}: rule of three");
                Assert.That(bound, Is.LessThan(rule));
            }
        }
    }

    [TestCaseSource(nameof(Cases)), Category("Golden")]
    public void Theorem52_OfTheReference_Agrees(string path)
    {
        foreach (JsonElement item in GoldenFiles.Read(path).GetProperty("theorem").EnumerateArray())
        {
            (int n, int k, double beta) = Arguments(item);
            long m = item.GetProperty("m").GetInt64();
            string where = $"N = {n}, k = {k}, m = {m}, beta = {beta}";
            AssertAgrees(ScenarioBounds.Theorem52(k, n, m, beta), item.NumberOrNull("eps_theorem_5_2"), where);
            AssertAgrees(ScenarioBounds.ExplicitTheorem52(k, n, m, beta), item.NumberOrNull("eps_corollary_eq8"), $"{where}: explicit form");
        }
    }

    [Test]
    public void Bounds_OfFewTrials_AreThoseWorkedByHand() => Assert.Multiple(() =>
    {
        Assert.That(ScenarioBounds.BinomialTail(0, 1, 0.05), Is.EqualTo(0.95).Within(1e-15), "1 - eps <= 0.05");
        Assert.That(ScenarioBounds.BinomialTail(1, 1, 0.05), Is.EqualTo(1), "all went wrong");
        Assert.That(ScenarioBounds.BinomialTail(1, 2, 0.19), Is.EqualTo(0.9).Within(1e-15), "1 - eps^2 <= 0.19");
        Assert.That(ScenarioBounds.Theorem52(0, 2, 2, 0.19), Is.EqualTo(0.9).Within(1e-15), "C(1, 0) (1 - eps^2) <= 0.19");
        Assert.That(ScenarioBounds.Theorem52(1, 3, 2, 0.542), Is.EqualTo(0.9).Within(1e-15), "C(2, 1) (1 - eps^3) <= 0.542");
        Assert.That(ScenarioBounds.Theorem52(0, 1, 1, 0.3), Is.EqualTo(0.7).Within(1e-15));
        Assert.That(ScenarioBounds.ExplicitTheorem52(0, 100, 1, Math.Exp(-8)), Is.EqualTo(0.16).Within(1e-15), "x - sqrt(16 x) >= 0 from x = 16 on");
        Assert.That(ScenarioBounds.ExplicitTheorem52(5, 100, 1, Math.Exp(-8)), Is.EqualTo(0.25).Within(1e-15), "x - sqrt(16 x) >= 5 from x = 25 on");
    });

    [TestCase(0, 10, 10, false)] // k + m - 1 = 9
    [TestCase(0, 10, 11, true)] // 10
    [TestCase(4, 10, 6, false)] // 9
    [TestCase(4, 10, 7, true)] // 10
    [TestCase(10, 10, 1, true)] // 10
    [TestCase(0, 1000, 28_297, true)]
    [TestCase(0, 1000, long.MaxValue, true)]
    public void Theorem52_FromAsManyVariablesAsTrialsOn_IsVacuous(int k, int n, long m, bool vacuous) => Assert.That(ScenarioBounds.Theorem52(k, n, m, 0.05) is null, Is.EqualTo(vacuous));

    [Test]
    public void Theorem52_WithOneVariable_IsTheBinomialTail()
    {
        foreach ((int k, int n) in new[] { (0, 3), (2, 7), (99, 100), (17, 12_345), (50_000, 100_000) })
            Assert.That(ScenarioBounds.Theorem52(k, n, 1, 1e-3), Is.EqualTo(ScenarioBounds.BinomialTail(k, n, 1e-3)).Within(1e-13), $"{k} of {n}");
    }

    /// <summary>Probabilities far below the smallest double, and binomial coefficients far above the largest.</summary>
    [Test]
    public void Bounds_OfManyTrials_NeitherUnderflowNorOverflow()
    {
        double few = ScenarioBounds.BinomialTail(10, 1_000_000, 1e-300), many = ScenarioBounds.BinomialTail(500_000, 1_000_000, 0.05);
        double? theorem = ScenarioBounds.Theorem52(2_000, 20_000, 5_000, 1e-6);

        Assert.Multiple(() =>
        {
            Assert.That(few, Is.InRange(690e-6, 800e-6), "above -ln(beta) / N, and by what 10 violations add");
            Assert.That(many, Is.EqualTo(0.5 + 1.6449 * 0.0005).Within(2e-6), "the normal approximation");
            Assert.That(theorem, Is.InRange(0.5, 0.99), "C(6999, 2000) is about 10^1814");
        });
    }

    [Test]
    public void BinomialTail_WithMoreViolationsOrLessRisk_Grows()
    {
        Assert.That(Enumerable.Range(0, 31).Select(k => ScenarioBounds.BinomialTail(k, 30, 0.05)), Is.Ordered.And.Unique);
        Assert.That(new[] { 0.9, 0.5, 0.1, 1e-3, 1e-9 }.Select(beta => ScenarioBounds.BinomialTail(3, 30, beta)), Is.Ordered.And.Unique);
    }

    [TestCase(0, 7)]
    [TestCase(1, 5)]
    [TestCase(2, 5)]
    [TestCase(3, 1)]
    public void ChosenThreshold_IsTheLargestBesideThoseAllowedAboveIt(int exceedances, double expected) =>
        Assert.That(ScenarioBounds.ChosenThreshold([5, 1, 7, 5], exceedances), Is.EqualTo(expected));

    /// <summary>With continuous values the certificate of a chosen threshold holds exactly as often as it claims.</summary>
    [Test]
    public void ChosenThreshold_OverManyExperiments_HoldsAsOftenAsItClaims()
    {
        var random = new RandomStream(4);
        double epsilon = ScenarioBounds.BinomialTail(2, 40, 0.1);
        const int experiments = 8000;
        int held = 0;
        var values = new double[40];
        for (int i = 0; i < experiments; i++)
        {
            foreach (ref double value in values.AsSpan())
                value = random.NextDouble();
            held += 1 - ScenarioBounds.ChosenThreshold(values, 2) <= epsilon ? 1 : 0; // the probability that a uniform value exceeds it
        }

        Assert.That((double)held / experiments, Is.EqualTo(0.9).Within(0.012));
    }

    [Test]
    public void Arguments_OutsideTheirRange_AreRefusedWithTheRange() => Assert.Multiple(() =>
    {
        Assert.That(() => ScenarioBounds.BinomialTail(0, 0, 0.05), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("at least 1").And.Message.Contains("trials"));
        Assert.That(() => ScenarioBounds.BinomialTail(4, 3, 0.05), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("from 0 to 3").And.Message.Contains("violations"));
        Assert.That(() => ScenarioBounds.BinomialTail(-1, 3, 0.05), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("from 0 to 3"));
        foreach (double beta in new[] { 0, 1, -0.1, double.NaN })
            Assert.That(() => ScenarioBounds.BinomialTail(0, 3, beta), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("between 0 and 1"), $"{beta}");
        Assert.That(() => ScenarioBounds.Theorem52(0, 3, 0, 0.05), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("parameters"));
        Assert.That(() => ScenarioBounds.ExplicitTheorem52(0, 3, 0, 0.05), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("parameters"));
        Assert.That(() => ScenarioBounds.ChosenThreshold([1, 2], 2), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("from 0 to 1"));
        Assert.That(() => ScenarioBounds.ChosenThreshold([], 0), Throws.ArgumentException);
        Assert.That(() => ScenarioBounds.ChosenThreshold([1, double.NaN], 0), Throws.ArgumentException);
    });

    private static (int N, int K, double Beta) Arguments(JsonElement item) => (item.GetProperty("N").GetInt32(), item.GetProperty("k").GetInt32(), item.Number("beta"));

    private static void AssertAgrees(double? bound, double? expected, string where)
    {
        if (expected is null)
            Assert.That(bound, Is.Null, where);
        else
            Assert.That(bound, Is.EqualTo(expected.Value).Within(1e-10), where);
    }
}
