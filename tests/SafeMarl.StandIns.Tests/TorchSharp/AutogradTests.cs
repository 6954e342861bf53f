using System.Runtime.InteropServices;
using TorchSharp;
using static SafeMarl.StandIns.Tests.Torch.TensorAssert;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SafeMarl.StandIns.Tests.Torch;

public sealed class AutogradTests
{
    private DisposeScope _scope = null!;

    [SetUp]
    public void Open() => _scope = NewDisposeScope();

    [TearDown]
    public void Close() => _scope.Dispose();

    private static readonly double[] Six = [0.3, -1.2, 0.7, 1.9, -0.4, 2.3];

    private static readonly double[] OtherSix = [1.1, 0.6, -0.8, 0.2, 1.7, -0.9];

    [Test]
    public void Backward_Linear_GivesHandWorkedGradients()
    {
        Tensor x = Variable([1, 2], 1, 2);
        Tensor weight = Variable([3, 4, 5, 6], 2, 2);
        Tensor bias = Variable([0.5, -0.5]);
        F.linear(x, weight, bias).sum().backward();
        Holds(x.grad!, [1, 2], [8, 10]);
        Holds(weight.grad!, [2, 2], [1, 2, 1, 2]);
        Holds(bias.grad!, [2], [1, 1]);
    }

    [Test]
    public void Backward_BroadcastOperand_SumsOverTheRepeats()
    {
        Tensor a = Variable([1, 2, 3, 4], 2, 2);
        Tensor row = Variable([10, 20], 1, 2);
        (a * row).sum().backward();
        Holds(a.grad!, [2, 2], [10, 20, 10, 20]);
        Holds(row.grad!, [1, 2], [4, 6]);
    }

    [Test]
    public void Backward_HuberLoss_IsTheClippedError()
    {
        Tensor x = Variable([0.5, 3, -4]);
        F.huber_loss(x, zeros([3], dtype: float64), delta: 2, reduction: nn.Reduction.Sum).backward();
        Holds(x.grad!, [3], [0.5, 2, -2]);
    }

    [Test]
    public void Backward_LogSoftmaxGather_IsOneHotMinusProbability()
    {
        Tensor logits = Variable([0, Math.Log(3)], 1, 2);
        logits.log_softmax(1).gather(1, tensor(new long[] { 0 }, [1, 1])).sum().backward();
        Holds(logits.grad!, [1, 2], [0.75, -0.75], 1e-12);
    }

    [Test]
    public void Backward_WhereMinimumMaximum_FollowTheChosenBranch()
    {
        Tensor a = Variable([1, 5]);
        Tensor b = Variable([2, 3]);
        (where(a > b, a * 10, b * 100) + a.minimum(b) * 1000).sum().backward();
        Holds(a.grad!, [2], [1000, 10]);
        Holds(b.grad!, [2], [100, 1000]);
        Tensor c = Variable([1, 5]);
        c.maximum(b.detach()).sum().backward();
        Holds(c.grad!, [2], [0, 1]);
    }

    [Test]
    public void Backward_Elu_IsOneOrItsExponential()
    {
        Tensor a = Variable([-1, 2]);
        F.elu(a, 1.5).sum().backward();
        Holds(a.grad!, [2], [1.5 * Math.Exp(-1), 1], 1e-12);
    }

    [Test]
    public void Backward_LayerNormOfTwo_HasHandWorkedParameterGradients()
    {
        using var layer = nn.LayerNorm(2, eps: 0, dtype: float64);
        Tensor x = Variable([1, 3], 1, 2);
        Tensor y = layer.forward(x);
        Holds(y, [1, 2], [-1, 1]);
        (y * tensor(new double[] { 3, 5 })).sum().backward();
        Holds(layer.weight.grad!, [2], [-3, 5], 1e-12);
        Holds(layer.bias!.grad!, [2], [3, 5], 1e-12);
        Holds(x.grad!, [1, 2], [0, 0], 1e-12);
    }

    [Test]
    public void Backward_TwoLosses_Accumulate()
    {
        Tensor a = Variable([2]);
        a.square().sum().backward();
        (a * 3).sum().backward();
        Holds(a.grad!, [1], [7]);
        a.grad = null;
        Assert.That(a.grad, Is.Null);
        a.grad = tensor(new double[] { 9 });
        Holds(a.grad!, [1], [9]);
        Assert.That(() => a.grad = zeros([2], dtype: float64), Throws.InstanceOf<ExternalException>());
    }

    [Test]
    public void Grad_CreateGraph_CanBeDifferentiatedAgain()
    {
        Tensor x = Variable([2]);
        Tensor first = autograd.grad([x.pow(3).sum()], [x], retain_graph: true, create_graph: true)[0];
        Holds(first, [1], [12]);
        Tensor second = autograd.grad([first.sum()], [x])[0];
        Holds(second, [1], [12]);
        Assert.That(x.grad, Is.Null, "grad() accumulates nowhere");
    }

    [Test]
    public void Grad_WeightsAndUnusedInputs_AreHonoured()
    {
        Tensor x = Variable([1, 2]);
        Tensor unused = Variable([1]);
        IList<Tensor> gradients = autograd.grad([x * 3], [x, unused], grad_outputs: [tensor(new double[] { 10, 100 })], retain_graph: true, allow_unused: true);
        Holds(gradients[0], [2], [30, 300]);
        Assert.That(gradients[1], Is.Null);
        Assert.That(() => autograd.grad([x.sum()], [unused]), Throws.InstanceOf<ExternalException>().With.Message.Contains("allow_unused"));
    }

    [Test]
    public void Grad_RetainGraph_DecidesWhetherASecondPassIsPossible()
    {
        Tensor x = Variable([3]);
        Tensor loss = x.square().sum();
        Holds(autograd.grad([loss], [x], retain_graph: true)[0], [1], [6]);
        Holds(autograd.grad([loss], [x], retain_graph: false)[0], [1], [6]);
        Assert.That(() => autograd.grad([loss], [x]), Throws.InstanceOf<ExternalException>().With.Message.Contains("second time"));
    }

    [Test]
    public void GradMode_NestedBlocks_RestoreWhatWasBefore()
    {
        Tensor a = Variable([1]);
        using (no_grad())
        {
            Assert.That((a * 2).requires_grad, Is.False);
            using (enable_grad())
                Assert.That((a * 2).requires_grad, Is.True);
            Assert.That((a * 2).requires_grad, Is.False);
        }
        Assert.That((a * 2).requires_grad, Is.True);
        using (enable_grad(enabled: false))
            Assert.That((a * 2).requires_grad, Is.False);
        Assert.That((a * 2).requires_grad, Is.True);
    }

    [Test]
    public void Graph_LeavesAndDetached_AreTold()
    {
        Tensor a = Variable([1]);
        Assert.That(a.is_leaf, Is.True);
        Assert.That((a * 2).is_leaf, Is.False);
        Assert.That((a * 2).detach().requires_grad, Is.False);
        Assert.That(a.requires_grad_(false), Is.SameAs(a));
        Assert.That(a.requires_grad, Is.False);
        a.requires_grad = true;
        Assert.That(a.requires_grad, Is.True);
        Assert.That(a.grad, Is.Null);
    }

    private static IEnumerable<TestCaseData> DifferentiableFunctions()
    {
        static TestCaseData Case(string name, Func<Tensor, Tensor, Tensor> function) => new TestCaseData(function).SetArgDisplayNames(name);

        yield return Case("add, sub, mul, div", (a, b) => ((a + (b * 2) - (1 - a)) / (b.square() + 1)).sum());
        yield return Case("number over tensor", (a, b) => (2.0 / (a.square() + b.square())).sum());
        yield return Case("exp, log, log1p, expm1", (a, b) => (a.exp() + (b.square() + 1).log() + b.square().log1p() + a.expm1()).sum());
        yield return Case("tanh, sigmoid, sqrt, pow", (a, b) => (a.tanh() * b.sigmoid() * (a.square() + 0.1).sqrt() * (b.abs() + 1).pow(2.5)).sum());
        yield return Case("relu, leaky_relu", (a, b) => (F.relu(a) * F.leaky_relu(b, 0.2)).sum());
        yield return Case("elu", (a, b) => (F.elu(a, 1.3) * F.elu(b, 1.0)).sum());
        yield return Case("gelu, softplus", (a, b) => (F.gelu(a) * F.softplus(b, beta: 1.5)).sum());
        yield return Case("huber_loss", (a, b) => F.huber_loss(a, b, delta: 0.9));
        yield return Case("mse_loss", (a, b) => F.mse_loss(a, b));
        yield return Case("linear", (a, b) => F.linear(a, b, b.select(1, 0)).square().sum());
        yield return Case("matmul, mm, addmm", (a, b) => (a.mm(b.t()) + a.matmul(b.t()) + a.mm(a.t()).addmm(a, b.t(), beta: 0.5f, alpha: 2)).square().sum());
        yield return Case("bmm", (a, b) => a.view(2, 3, 1).bmm(b.view(2, 1, 3)).square().sum());
        yield return Case("log_softmax, gather", (a, b) => (a.log_softmax(1).gather(1, tensor(new long[] { 2, 0 }, [2, 1])) * b.softmax(1).narrow(1, 1, 1)).sum());
        yield return Case("where", (a, b) => where(a > b, a * b, a + b.square()).sum());
        yield return Case("minimum, maximum, clamp", (a, b) => (a.minimum(b) * a.maximum(b) + a.clamp(min: -1, max: 1) + b.clamp_min(0) + b.clamp_max(1)).sum());
        yield return Case("masked_fill", (a, b) => (a.masked_fill(b > 0, 3.0) * b).sum());
        yield return Case("max along", (a, b) => (a.max(1).values * b.max(0).values.sum()).sum() + a.max() + b.min());
        yield return Case("sort", (a, b) => (a.sort(1).Values * b + a * b.sort(0, descending: true).Values).sum());
        yield return Case("mean, std, var", (a, b) => (a.mean([1L]) * b.std(1, unbiased: true)).sum() + a.var(unbiased: false) + b.std());
        yield return Case("sum, prod, cumsum", (a, b) => (a.sum(1, keepdim: true) * b.cumsum(1)).sum() + a.prod() + b.prod(1).sum());
        yield return Case("logsumexp, norm", (a, b) => (a.logsumexp(1) * b.norm(1)).sum() + a.norm());
        yield return Case("cat, stack, select", (a, b) => (cat([a, b], 1).select(1, 4) * stack([a, b], 0).select(0, 1).select(1, 0)).sum());
        yield return Case("index_select, narrow", (a, b) => (a.index_select(1, tensor(new long[] { 2, 2, 0 })) * b.narrow(1, 0, 3)).sum());
        yield return Case("view, permute, expand", (a, b) =>
            (a.view(3, 2).permute(1, 0) * b.sum(dim: 0).unsqueeze(0).expand(2, 3) * b.flatten().reshape(2, 3).t().transpose(0, 1)).sum());
    }

    [TestCaseSource(nameof(DifferentiableFunctions))]
    public void Gradient_OfFunction_MatchesDifferences(Func<Tensor, Tensor, Tensor> function) =>
        GradientsMatchDifferences(inputs => function(inputs[0], inputs[1]), Variable(Six, 2, 3), Variable(OtherSix, 2, 3));

    [Test]
    public void Gradient_OfLayerNorm_MatchesDifferences()
    {
        using var layer = nn.LayerNorm(3, dtype: float64);
        layer.weight.bytes = MemoryMarshal.AsBytes(new double[] { 0.5, 1.5, -2 }.AsSpan());
        GradientsMatchDifferences(inputs => layer.forward(inputs[0]).mul(inputs[1]).sum(), Variable(Six, 2, 3), Variable(OtherSix, 2, 3));
    }

    [Test]
    public void Gradient_OfTwoLayerNetwork_MatchesDifferencesForEveryWeight()
    {
        manual_seed(1);
        using var first = nn.Linear(3, 4, dtype: float64);
        using var second = nn.Linear(4, 1, dtype: float64);
        Tensor x = tensor(Six, [2, 3]);
        Tensor Loss() => second.forward(first.forward(x).tanh()).square().sum();
        Loss().backward();
        foreach (var parameter in first.parameters().Concat(second.parameters()))
        {
            double[] numeric = new double[parameter.NumberOfElements];
            for (int i = 0; i < numeric.Length; i++)
            {
                MemoryMarshal.Cast<byte, double>(parameter.bytes)[i] += 1e-6;
                double above = Loss().ToDouble();
                MemoryMarshal.Cast<byte, double>(parameter.bytes)[i] -= 2e-6;
                numeric[i] = (above - Loss().ToDouble()) / 2e-6;
                MemoryMarshal.Cast<byte, double>(parameter.bytes)[i] += 1e-6;
            }
            Assert.That(Values(parameter.grad!), Is.EqualTo(numeric).Within(1e-7));
        }
    }
}
