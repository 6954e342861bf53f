using SafeMarl.ML.Files;
using SafeMarl.ML.Optimization;
using SafeMarl.ML.Tests.Support;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Optimization;

public sealed class ScalarAdamTests
{
    private static readonly double[] Gradients = [0.5, -2, 0.1, 3, 0, -0.7];

    [Test]
    public void Step_OnTheFirstGradient_MovesByTheLearningRate()
    {
        // The first step is rate * g / (|g| + epsilon), whatever the gradient's size.
        var adam = new ScalarAdam(initial: 2, learningRate: 0.1);
        adam.Step(250);

        Assert.That(adam.Value, Is.EqualTo(1.9).Within(1e-9));
    }

    [Test]
    public void Step_OverSeveralGradients_IsTorchsAdam()
    {
        using var scope = NewDisposeScope();
        var parameter = new Parameter(GoldenNetworks.Double.Tensor([0.3], 1), requires_grad: true);
        using Adam reference = optim.Adam([parameter], lr: 0.03, eps: 1e-8);
        var adam = new ScalarAdam(0.3, 0.03);
        foreach (double gradient in Gradients)
        {
            reference.zero_grad();
            (parameter * gradient).sum().backward();
            reference.step();
            adam.Step(gradient);
            Assert.That(adam.Value, Is.EqualTo(parameter.ToDouble()).Within(1e-12));
        }
    }

    [Test]
    public void Load_OfWhatWasSaved_GoesOnAlike()
    {
        ScalarAdam source = new(0.3, 0.03), target = new(5, 0.03);
        source.Step(0.5);
        source.Step(-1);
        var file = new TensorFile();
        source.Save(file, "number");
        target.Load(file, "number");
        source.Step(2);
        target.Step(2);

        Assert.That(target.Value, Is.EqualTo(source.Value));
    }
}
