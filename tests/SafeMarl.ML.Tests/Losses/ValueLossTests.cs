using SafeMarl.ML.Losses;
using SafeMarl.ML.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Losses;

public sealed class ValueLossTests
{
    private DisposeScope? _scope;

    [SetUp]
    public void OpenScope() => _scope = NewDisposeScope();

    [TearDown]
    public void CloseScope() => _scope?.Dispose();

    [Test]
    public void SquaredError_HasNoFactorOneHalf() => Assert.That(ValueLoss.SquaredError(T(1, 2), T(3, 2)).ToDouble(), Is.EqualTo(2));

    [Test]
    public void ClippedHuber_TakesTheLargerOfTheTwoLosses()
    {
        // Value 1 from old 0, clip 0.2: clipped value 0.2. Target 0.5: 0.125 against 0.045. Target 2: 0.5 against 1.62.
        Assert.That(ValueLoss.ClippedHuber(T(1, 1), T(0, 0), T(0.5, 2), clip: 0.2, delta: 10).ToDouble(), Is.EqualTo((0.125 + 1.62) / 2).Within(1e-12));
    }

    [TestCase(15)]
    [TestCase(-15)]
    public void ClippedHuber_OfALargeError_IsLinearOnBothSides(double target)
    {
        // The published code has no gradient for errors below -delta.
        Tensor values = tensor(new double[] { 0 }, requires_grad: true);
        Tensor loss = ValueLoss.ClippedHuber(values, T(0), T(target), clip: 0.2, delta: 10);
        loss.backward();

        Assert.Multiple(() =>
        {
            Assert.That(loss.ToDouble(), Is.EqualTo(10 * (15 - 5)).Within(1e-12));
            Assert.That(values.grad!.item<double>(), Is.EqualTo(-10 * Math.Sign(target)).Within(1e-12));
        });
    }

    [Test]
    public void ClippedSurrogate_TakesThePessimisticSide()
    {
        // rho 1.5 and 0.5 with c = 0.2: A = 1 gives min(1.5, 1.2) and min(0.5, 0.8); A = -1 gives min(-1.5, -1.2).
        Tensor loss = ClippedSurrogate.PerSample(T(1.5, 0.5, 1.5), T(1, 1, -1), clip: 0.2);

        Assert.That(SafeMarl.ML.Networks.TensorData.ToDoubles(loss), Is.EqualTo(new[] { -1.2, -0.5, 1.5 }).Within(1e-12));
    }

    [Test]
    public void WeightedMean_LeavesOutWhatHasNoWeight()
    {
        Assert.Multiple(() =>
        {
            Assert.That(WeightedMean.Of(T(1, 2, 6), T(1, 1, 0)).ToDouble(), Is.EqualTo(1.5));
            Assert.That(WeightedMean.Of(T(1, 2, 6), null).ToDouble(), Is.EqualTo(3));
        });
    }

    private static Tensor T(params double[] values) => GoldenNetworks.Double.Tensor(values, values.Length);
}
