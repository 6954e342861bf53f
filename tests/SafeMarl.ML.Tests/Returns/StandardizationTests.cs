using SafeMarl.ML.Returns;

namespace SafeMarl.ML.Tests.Returns;

public sealed class StandardizationTests
{
    [Test]
    public void Apply_UsesThePopulationStandardDeviation()
    {
        double[] values = [1, 3];
        Standardization.Apply<double>(values);

        Assert.That(values, Is.EqualTo(new[] { -1 / 1.00001, 1 / 1.00001 }).Within(1e-12));
    }

    [Test]
    public void Apply_ToEqualValues_GivesZeros()
    {
        float[] values = [4, 4, 4];
        Standardization.Apply<float>(values);

        Assert.That(values, Is.All.Zero);
    }
}
