namespace SafeMarl.TestSupport;

public static class Numeric
{
    /// <summary>Asserts equality up to <c>tolerance * (1 + |expected|)</c>, naming the first element that is off.</summary>
    public static void AssertClose(IReadOnlyList<double> actual, IReadOnlyList<double> expected, double tolerance, string what)
    {
        Assert.That(actual, Has.Count.EqualTo(expected.Count), $"{what}: number of values");
        for (int i = 0; i < expected.Count; i++)
        {
            bool close = double.IsFinite(expected[i])
                ? Math.Abs(actual[i] - expected[i]) <= tolerance * (1 + Math.Abs(expected[i]))
                : actual[i].Equals(expected[i]);
            if (!close)
                Assert.Fail($"{what}[{i}] is {actual[i]:R}, expected {expected[i]:R} within {tolerance:R} relative (difference {actual[i] - expected[i]:R}).");
        }
    }

    public static void AssertClose(double actual, double expected, double tolerance, string what) => AssertClose([actual], [expected], tolerance, what);

    /// <summary>Asserts equality up to an absolute tolerance; null marks what is not comparable, such as a chaotic stretch of a simulation.</summary>
    public static void AssertWithin(ReadOnlySpan<double> actual, double[] expected, double? tolerance, string what)
    {
        if (tolerance is { } t)
            Assert.That(actual.ToArray(), Is.EqualTo(expected).Within(t), what);
    }
}
