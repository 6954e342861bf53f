using SafeMarl.Environments;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Policies;

public sealed class DenseNetworkTests
{
    private static readonly Placement Cpu = new(CPU, ScalarType.Float32);

    private static readonly NetworkShape[] Shapes =
    [
        new(22, 3, 128, 2, Activation.ReLU, true, true),
        new(22, 3, 128, 2, Activation.ReLU, false, false),
        new(5, 2, 8, 2, Activation.Tanh, false, false),
        new(7, 17, 33, 1, Activation.Tanh, true, true),
        new(6, 3, 70, 2, Activation.Elu, true, true),
        new(1, 1, 1, 3, Activation.ReLU, false, true),
        new(40, 6, 256, 3, Activation.ReLU, true, false),
        new(18, 4, 32, 2, Activation.ReLU, false, false, LastActivation: Activation.Tanh),
    ];

    [TestCaseSource(nameof(Shapes))]
    public void Forward_WithTheModulesWeights_AgreesWithTorch(object shape)
    {
        using var scope = NewDisposeScope();
        (DenseModule module, DenseNetwork network, float[] inputs) = Create((NetworkShape)shape, rows: 11);
        var outputs = new float[11 * module.Shape.Outputs];
        network.Forward(inputs, 11, module.Shape.Inputs, outputs);
        float[] expected = module.forward(Cpu.Tensor(inputs, 11, module.Shape.Inputs)).ToFloats();
        double scale = expected.Max(Math.Abs);

        Assert.That(outputs, Is.EqualTo(expected).Within(1e-5 * scale));
    }

    [TestCaseSource(nameof(Shapes))]
    public void Forward_OfManyRows_GivesEachRowTheBitsItHasAlone(object shape)
    {
        using var scope = NewDisposeScope();
        (DenseModule module, DenseNetwork network, float[] inputs) = Create((NetworkShape)shape, rows: 9);
        int size = module.Shape.Inputs, outs = module.Shape.Outputs;
        var together = new float[9 * outs];
        network.Forward(inputs, 9, size, together);
        for (int row = 0; row < 9; row++)
        {
            var alone = new float[outs];
            network.Forward(inputs.AsSpan(row * size, size), 1, size, alone);
            Assert.That(alone, Is.EqualTo(together[(row * outs)..((row + 1) * outs)]), $"row {row}");
        }
    }

    [Test]
    public void Forward_WithAStride_ReadsEachRowWhereItBegins()
    {
        using var scope = NewDisposeScope();
        (_, DenseNetwork network, float[] inputs) = Create(new NetworkShape(5, 2, 8, 2, Activation.Tanh, false, false), rows: 6);
        var spread = new float[6 * 9];
        for (int row = 0; row < 6; row++)
            inputs.AsSpan(row * 5, 5).CopyTo(spread.AsSpan(row * 9));
        float[] dense = new float[12], strided = new float[12];
        network.Forward(inputs, 6, 5, dense);
        network.Forward(spread, 6, 9, strided);

        Assert.That(strided, Is.EqualTo(dense));
    }

    [Test]
    public void Forward_DoesNotAllocate()
    {
        using var scope = NewDisposeScope();
        (_, DenseNetwork network, float[] inputs) = Create(new NetworkShape(22, 3, 128, 2, Activation.ReLU, true, true), rows: 5);
        var outputs = new float[15];
        network.Forward(inputs, 5, 22, outputs);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            network.Forward(inputs, 5, 22, outputs);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void Forward_OfATinyNetwork_GivesTheNumbersWorkedByHand()
    {
        var network = new DenseNetwork(new NetworkShape(2, 1, 2, 1, Activation.ReLU, false, false));
        network.Set("hidden0.weight", [1, 2, -3, 1]);
        network.Set("hidden0.bias", [0.5f, 0]);
        network.Set("output.weight", [2, 5]);
        network.Set("output.bias", [-1]);
        var output = new float[1];
        network.Forward([1, 1], 1, 2, output);

        Assert.That(output[0], Is.EqualTo(2 * 3.5f - 1), "the second unit is at -2 and gives 0");
    }

    [TestCaseSource(nameof(Shapes))]
    public void Get_AfterSet_GivesEveryParameterBack(object shape)
    {
        using var scope = NewDisposeScope();
        (DenseModule module, DenseNetwork network, _) = Create((NetworkShape)shape, rows: 1);
        foreach ((string name, var parameter) in module.named_parameters())
            Assert.That(network.Get(name), Is.EqualTo(parameter.ToFloats()), name);
    }

    private static (DenseModule Module, DenseNetwork Network, float[] Inputs) Create(NetworkShape shape, int rows)
    {
        var random = new RandomStream(3);
        var module = new DenseModule(shape, 1, ref random, Cpu);
        foreach ((_, var parameter) in module.named_parameters())
        {
            float[] values = parameter.ToFloats();
            foreach (ref float value in values.AsSpan())
                value += 0.1f * (float)random.NextGaussian();
            parameter.SetValues(values);
        }
        var network = new DenseNetwork(shape);
        module.CopyTo(network);
        var inputs = new float[rows * shape.Inputs];
        foreach (ref float value in inputs.AsSpan())
            value = (float)random.NextGaussian();
        return (module, network, inputs);
    }
}
