using SafeMarl.Environments;
using SafeMarl.ML.Algorithms.OffPolicy;

namespace SafeMarl.ML.Tests.Algorithms.OffPolicy;

public sealed class TemperatureTests
{
    [Test]
    public void TargetEntropy_IsThatOfTheLiterature() => Assert.Multiple(() =>
    {
        Assert.That(Temperature.TargetEntropy(ActionSpace.Box(3, -1, 1)), Is.EqualTo(-3));
        Assert.That(Temperature.TargetEntropy(ActionSpace.Discrete(4)), Is.EqualTo(0.98 * Math.Log(4)).Within(1e-12), "HARL's code gives 0");
    });

    [Test]
    public void Update_BelowTheTargetEntropy_RaisesTheWeightOfEntropy()
    {
        // The gradient of -log alpha (log pi + H) is 0.5: Adam's first step is the learning rate.
        var temperature = new Temperature(initial: 0.2, adapts: true, learningRate: 0.01);
        temperature.Update(meanLogProb: 1, targetEntropy: -0.5);

        Assert.That(temperature.Value, Is.EqualTo(0.2 * Math.Exp(0.01)).Within(1e-9));
    }

    [Test]
    public void Update_AboveTheTargetEntropy_LowersIt()
    {
        var temperature = new Temperature(initial: 0.2, adapts: true, learningRate: 0.01);
        temperature.Update(meanLogProb: -2, targetEntropy: 0.5);

        Assert.That(temperature.Value, Is.EqualTo(0.2 * Math.Exp(-0.01)).Within(1e-9));
    }

    [Test]
    public void Update_OfAFixedTemperature_ChangesNothing()
    {
        var temperature = new Temperature(initial: 0.2, adapts: false, learningRate: 0.01);
        temperature.Update(-2, 0.5);

        Assert.That(temperature.Value, Is.EqualTo(0.2).Within(1e-12));
    }
}
