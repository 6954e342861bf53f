using System.Text.Json;
using SafeMarl.Environments;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Tests.Support;

namespace SafeMarl.ML.Tests.Policies;

public sealed class LowestShareTests
{
    private static IEnumerable<TestCaseData> Golden() => GoldenFiles.Cases("value-factorization", "cvar");

    [TestCaseSource(nameof(Golden)), Category("Golden")]
    public void Mean_OfTheReferencesAtoms_IsTheExactOne(string path)
    {
        foreach (JsonElement golden in GoldenFiles.Read(path).GetProperty("cases").EnumerateArray())
        {
            float[] atoms = [.. golden.Numbers("atoms").Select(a => (float)a)];
            Assert.That(LowestShare.Mean(atoms, (float)(golden.Number("alpha") * atoms.Length)), Is.EqualTo(golden.Number("exact_fractional")).Within(1e-5), golden.ToString());
        }
    }

    [Test]
    public void Mean_OfAnyNumbersAndCount_IsThatOfSortedOnes([Values(1, 2, 5, 32, 100)] int length, [Values(false, true)] bool repeats)
    {
        var random = new RandomStream(length);
        for (int trial = 0; trial < 50; trial++)
        {
            float[] numbers = [.. Enumerable.Range(0, length).Select(_ => repeats ? random.NextInt(3) : (float)random.NextGaussian())];
            float count = length * (1 - (float)random.NextDouble());
            float[] sorted = [.. numbers.Order()];
            double expected = sorted.Take((int)count).Sum(n => (double)n) + (count - (int)count) * ((int)count < length ? sorted[(int)count] : 0);
            Assert.That(LowestShare.Mean(numbers, count), Is.EqualTo(expected / count).Within(1e-4 * (1 + Math.Abs(expected / count))), $"{count} of {string.Join(", ", sorted)}");
        }
    }
}
