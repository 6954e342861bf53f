using TorchSharp;
using TorchSharp.Modules;
using static SafeMarl.StandIns.Tests.Torch.TensorAssert;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SafeMarl.StandIns.Tests.Torch;

public sealed class ModuleTests
{
    private sealed class Block : Module<Tensor, Tensor>
    {
        private readonly Linear inner;
        private readonly LayerNorm norm;

        public Block(long size)
            : base("block")
        {
            inner = Linear(size, size);
            norm = LayerNorm([size]);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => norm.forward(inner.forward(input)).tanh();
    }

    private sealed class Network : Module<Tensor, Tensor>
    {
        private readonly Linear head;
        private readonly Parameter logStd;
        private readonly Block body;
        private readonly Tensor scale;

        public Network()
            : base("network")
        {
            head = Linear(4, 2, hasBias: false);
            body = new Block(4);
            logStd = new Parameter(full(new long[] { 2 }, -0.5f, dtype: float32));
            scale = ones([2]);
            RegisterComponents();
        }

        public Tensor Scale => scale;

        public Parameter LogStd => logStd;

        public override Tensor forward(Tensor input) => head.forward(body.forward(input)) * scale;
    }

    [Test]
    public void NamedParameters_NestedModules_AreOwnFirstThenInFieldOrder()
    {
        using var network = new Network();
        Assert.That(network.named_parameters().Select(p => p.name),
            Is.EqualTo(new[] { "logStd", "head.weight", "body.inner.weight", "body.inner.bias", "body.norm.weight", "body.norm.bias" }));
        Assert.That(network.parameters().Select(p => p.NumberOfElements), Is.EqualTo(new long[] { 2, 8, 16, 4, 4, 4 }));
        Assert.That(network.parameters(recurse: false).Single(), Is.SameAs(network.LogStd));
        Assert.That(network.parameters().All(p => p is { requires_grad: true, is_leaf: true }), Is.True);
    }

    [Test]
    public void NamedModules_NestedModules_AreChildrenFirst()
    {
        using var network = new Network();
        Assert.That(network.named_children().Select(m => m.name), Is.EqualTo(new[] { "head", "body" }));
        Assert.That(network.named_modules().Select(m => m.name), Is.EqualTo(new[] { "head", "body", "body.inner", "body.norm" }));
        Assert.That(network.children().Count(), Is.EqualTo(2));
        Assert.That(network.modules().Count(), Is.EqualTo(4));
    }

    [Test]
    public void Forward_AndCall_ComputeTheSame()
    {
        using DisposeScope scope = NewDisposeScope();
        using var network = new Network();
        Tensor x = ones([3, 4]);
        Assert.That(Bits(network.call(x)), Is.EqualTo(Bits(network.forward(x))));
        Assert.That(network.forward(x).shape, Is.EqualTo(new long[] { 3, 2 }));
    }

    [Test]
    public void Training_SetOnTheRoot_ReachesAllModules()
    {
        using var network = new Network();
        Assert.That(network.training, Is.True);
        network.eval();
        Assert.That(network.modules().Any(m => m.training), Is.False);
        network.train();
        Assert.That(network.modules().All(m => m.training), Is.True);
    }

    [Test]
    public void Dispose_OfTheRoot_FreesParametersAndPlainTensors()
    {
        var network = new Network();
        Parameter[] parameters = [.. network.parameters()];
        network.Dispose();
        Assert.That(parameters.All(p => p.IsInvalid), Is.True);
        Assert.That(network.Scale.IsInvalid, Is.True);
        Assert.That(network.Dispose, Throws.Nothing);
    }

    [Test]
    public void Register_TwiceOrNothing_Throws()
    {
        using var network = new Network();
        using var parameter = new Parameter(zeros([1]));
        using var other = Linear(1, 1);
        Assert.That(() => network.register_parameter("logStd", parameter), Throws.InvalidOperationException);
        Assert.That(() => network.register_module("head", other), Throws.InvalidOperationException);
        Assert.That(() => network.register_module("a.b", other), Throws.ArgumentException);
        Assert.That(() => network.register_parameter("none", null!), Throws.ArgumentNullException);
        Assert.That(() => network.register_module("none", null!), Throws.ArgumentNullException);
        network.register_module("other", other);
        Assert.That(network.named_parameters().Last().name, Is.EqualTo("other.bias"));
    }

    [Test]
    public void SharedParameter_UnderTwoNames_IsListedOnce()
    {
        using var first = Linear(2, 2, hasBias: false);
        using var second = Linear(2, 2, hasBias: false);
        second.register_module("shared", first);
        first.register_module("again", Linear(1, 1, hasBias: false));
        second.register_parameter("alias", first.parameters().First());
        Assert.That(second.named_parameters().Select(p => p.name), Is.EqualTo(new[] { "weight", "alias", "shared.again.weight" }));
    }

    [Test]
    public void Parameter_MadeOfATensor_TakesItOver()
    {
        Tensor data = tensor(new float[] { 1, 2 });
        using var parameter = new Parameter(data);
        Assert.That(data.IsInvalid, Is.True);
        Assert.That(() => data.shape, Throws.InvalidOperationException);
        Holds(parameter, [2], [1, 2]);
        using Parameter frozen = nn.Parameter(zeros([1]), requires_grad: false);
        Assert.That(frozen.requires_grad, Is.False);
    }

    [Test]
    public void Linear_Initialisation_IsUniformWithinTheRootOfTheInputs()
    {
        manual_seed(0);
        using var layer = Linear(100, 400);
        double[] weight = Values(layer.parameters().First());
        Assert.That(weight.Max(), Is.EqualTo(0.1).Within(1e-3).And.LessThanOrEqualTo(0.1f));
        Assert.That(weight.Min(), Is.EqualTo(-0.1).Within(1e-3).And.GreaterThanOrEqualTo(-0.1f));
        Assert.That(weight.Average(), Is.EqualTo(0).Within(1e-3));
        Assert.That(Values(layer.bias!).All(b => Math.Abs(b) <= 0.1f), Is.True);
    }

    [Test]
    public void Linear_BiasTakenAwayOrReplaced_ChangesParametersAndOutput()
    {
        using DisposeScope scope = NewDisposeScope();
        using var layer = Linear(1, 1, dtype: float64);
        layer.parameters().First().bytes = BitConverter.GetBytes(3.0);
        Tensor two = tensor(new double[] { 2 }, [1, 1]);
        layer.bias = new Parameter(tensor(new double[] { 10 }));
        Holds(layer.forward(two), [1, 1], [16]);
        layer.bias = null;
        Holds(layer.forward(two), [1, 1], [6]);
        Assert.That(layer.parameters().Count(), Is.EqualTo(1));
    }

    [Test]
    public void LayerNorm_AffineOrNot_NormalisesTheLastDimensions()
    {
        using DisposeScope scope = NewDisposeScope();
        using var affine = LayerNorm(2, eps: 0.0, dtype: float64);
        using var weightOnly = LayerNorm([2L], eps: 0.0, bias: false, dtype: float64);
        using var plain = LayerNorm(new long[] { 2, 2 }, eps: 0.0, elementwise_affine: false);
        affine.bias!.bytes = new double[] { 1, 2 }.SelectMany(BitConverter.GetBytes).ToArray();
        Holds(affine.forward(tensor(new double[] { 1, 3, 10, 30 }, [2, 2])), [2, 2], [0, 3, 0, 3], 1e-12);
        Assert.That(weightOnly.parameters().Count(), Is.EqualTo(1));
        Holds(weightOnly.forward(tensor(new double[] { 1, 3 }, [1, 2])), [1, 2], [-1, 1], 1e-12);
        Assert.That(plain.parameters(), Is.Empty);
        Holds(plain.forward(tensor(new float[] { 1, 1, 3, 3 }, [1, 2, 2])), [1, 2, 2], [-1, -1, 1, 1], 1e-6);
    }
}
