using System.Text.Json;
using SafeMarl.ML.Files;
using SafeMarl.ML.Returns;

namespace SafeMarl.ML.Tests.Returns;

public sealed class ValueNormalizerTests
{
    [Test]
    public void Denormalize_BeforeAnyUpdate_ShrinksTenfold() => Assert.That(new ValueNormalizer().Denormalize(5), Is.EqualTo(0.5).Within(1e-12));

    [Test]
    public void Update_WithOneBatch_GivesItsDebiasedMoments()
    {
        var normalizer = new ValueNormalizer();
        normalizer.Update<double>([1, 3, 5]);

        Assert.Multiple(() =>
        {
            Assert.That(normalizer.Mean, Is.EqualTo(3).Within(1e-9));
            Assert.That(normalizer.Std, Is.EqualTo(Math.Sqrt(8.0 / 3)).Within(1e-9));
            Assert.That(normalizer.Denormalize(normalizer.Normalize(17)), Is.EqualTo(17).Within(1e-9));
        });
    }

    [Test]
    public void Load_AfterSave_Continues()
    {
        var source = new ValueNormalizer();
        source.Update<double>([1, 2]);
        var file = new TensorFile();
        source.Save(file, "n");
        var target = new ValueNormalizer();
        target.Load(file, "n");
        source.Update<double>([7]);
        target.Update<double>([7]);

        Assert.That((target.Mean, target.Std), Is.EqualTo((source.Mean, source.Std)));
    }

    private static IEnumerable<TestCaseData> Cases() => GoldenFiles.Cases("on-policy-and-certificates", "h_valuenorm");

    [TestCaseSource(nameof(Cases)), Category("Golden")]
    public void Update_WithThePeersBatches_GivesThePeersStatistics(string path)
    {
        JsonElement golden = GoldenFiles.Read(path), inputs = golden.GetProperty("inputs");
        double[] probe = inputs.Numbers("probe");
        foreach (JsonElement variant in inputs.GetProperty("variants").EnumerateArray())
        {
            string name = variant.GetProperty("name").GetString()!;
            bool perElement = variant.GetProperty("per_element").GetBoolean();
            JsonElement[] expected = [.. golden.GetProperty("outputs").GetProperty(name).EnumerateArray()];
            JsonElement[] batches = [.. inputs.GetProperty("batches").EnumerateArray()];
            AssertProbe(new ValueNormalizer(variant.Number("beta")), probe, expected[0], "normalize_before_any_update", "denormalize_before_any_update", name);
            (double Mean, double Square, double Weight) sums = (0, 0, 0);
            for (int i = 0; i < batches.Length; i++)
            {
                // Per element: as many updates of weight beta as the batch has elements, which is one of weight beta^n.
                double[] batch = batches[i].Numbers();
                var normalizer = new ValueNormalizer(perElement ? Math.Pow(variant.Number("beta"), batch.Length) : variant.Number("beta"));
                normalizer.Restore(sums.Mean, sums.Square, sums.Weight);
                normalizer.Update<double>(batch);
                Numeric.AssertClose(normalizer.Mean, expected[i + 1].Numbers("mean")[0], 1e-9, $"{name}: mean after batch {i}");
                Numeric.AssertClose(normalizer.Std * normalizer.Std, expected[i + 1].Numbers("var")[0], 1e-9, $"{name}: variance after batch {i}");
                AssertProbe(normalizer, probe, expected[i + 1], "normalize_probe", "denormalize_probe", name);
                sums = (expected[i + 1].Numbers("running_mean")[0], expected[i + 1].Numbers("running_mean_sq")[0], expected[i + 1].Number("debiasing_term"));
            }
        }
    }

    private static void AssertProbe(ValueNormalizer normalizer, double[] probe, JsonElement expected, string normalized, string denormalized, string name)
    {
        Numeric.AssertClose([.. probe.Select(normalizer.Normalize)], expected.Numbers(normalized), 1e-9, $"{name}: {normalized}");
        Numeric.AssertClose([.. probe.Select(normalizer.Denormalize)], expected.Numbers(denormalized), 1e-9, $"{name}: {denormalized}");
    }
}
