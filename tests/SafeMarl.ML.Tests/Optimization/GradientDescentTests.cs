using SafeMarl.Environments;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Optimization;
using SafeMarl.ML.Policies;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Optimization;

public sealed class GradientDescentTests
{
    private static readonly Placement Cpu = Placement.Parse("cpu");

    [Test]
    public void Step_DownALoss_LowersIt()
    {
        using var scope = NewDisposeScope();
        DenseModule network = Network();
        using var optimizer = new GradientDescent(network, 1e-2, 1e-5, 10, "left", "policy");
        double[] losses = [.. Enumerable.Range(0, 20).Select(_ => optimizer.Step(Outputs(network).square().mean(), 1).Loss)];

        Assert.That(losses[^1], Is.LessThan(losses[0] / 2));
    }

    [Test]
    public void Step_WithALossThatIsNotFinite_NamesItAndChangesNothing()
    {
        using var scope = NewDisposeScope();
        DenseModule network = Network();
        using var optimizer = new GradientDescent(network, 1e-2, 1e-5, 10, "left", "policy");
        float[][] before = Weights(network);
        var error = Assert.Throws<NonFiniteException>(() => optimizer.Step((Outputs(network) * double.NaN).mean(), 1234));

        Assert.That((error!.Agent, error.Quantity, error.Step), Is.EqualTo(("left", "policy loss", 1234L)));
        Assert.That(error.Message, Does.Contain("1,234"));
        Assert.That(Weights(network), Is.EqualTo(before));
    }

    [Test]
    public void Step_WithAGradientThatIsNotFinite_NamesItAndChangesNothing()
    {
        using var scope = NewDisposeScope();
        DenseModule network = Network();
        using var optimizer = new GradientDescent(network, 1e-2, 1e-5, 10, "left", "policy");
        float[][] before = Weights(network);
        // sqrt is 0 at 0, and its slope there is infinite.
        var error = Assert.Throws<NonFiniteException>(() => optimizer.Step((Outputs(network) * 0).square().sqrt().mean(), 5));

        Assert.That((error!.Agent, error.Quantity, error.Step), Is.EqualTo(("left", "policy gradient", 5L)));
        Assert.That(Weights(network), Is.EqualTo(before));
    }

    private static DenseModule Network()
    {
        var random = new RandomStream(1);
        return new DenseModule(new NetworkShape(3, 1, 8, 1, Activation.Tanh, false, false), 1, ref random, Cpu);
    }

    private static Tensor Outputs(DenseModule network) => network.forward(Cpu.Tensor([1f, 2, 3, -1, 0, 1], 2, 3));

    private static float[][] Weights(DenseModule network) => [.. network.parameters().Select(p => p.ToFloats())];
}
