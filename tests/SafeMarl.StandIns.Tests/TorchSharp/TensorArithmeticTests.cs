using TorchSharp;
using static SafeMarl.StandIns.Tests.Torch.TensorAssert;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SafeMarl.StandIns.Tests.Torch;

public sealed class TensorArithmeticTests
{
    private DisposeScope _scope = null!;

    [SetUp]
    public void Open() => _scope = NewDisposeScope();

    [TearDown]
    public void Close() => _scope.Dispose();

    [Test]
    public void Operators_TwoTensors_WorkElementByElement()
    {
        Tensor a = tensor(new float[] { 1, 2, 3, 4 }, [2, 2]);
        Tensor b = tensor(new float[] { 4, 5, 6, 8 }, [2, 2]);
        Holds(a + b, [2, 2], [5, 7, 9, 12]);
        Holds(a - b, [2, 2], [-3, -3, -3, -4]);
        Holds(a * b, [2, 2], [4, 10, 18, 32]);
        Holds(a / b, [2, 2], [0.25, 0.4, 0.5, 0.5]);
        Holds(-a, [2, 2], [-1, -2, -3, -4]);
    }

    [Test]
    public void Operators_RowAndColumn_Broadcast()
    {
        Tensor column = tensor(new float[] { 1, 2 }, [2, 1]);
        Tensor row = tensor(new float[] { 10, 20, 30 }, [1, 3]);
        Holds(column + row, [2, 3], [11, 21, 31, 12, 22, 32]);
        Holds(column * row, [2, 3], [10, 20, 30, 20, 40, 60]);
    }

    [Test]
    public void Operators_NumberOnEitherSide_KeepElementTypeAndOrder()
    {
        Tensor a = tensor(new float[] { 2, 4 });
        Scalar eight = 8;
        Holds(a + 1, [2], [3, 5]);
        Holds(1L + a, [2], [3, 5]);
        Holds(a - 1.5f, [2], [0.5, 2.5]);
        Holds(1.5 - a, [2], [-0.5, -2.5]);
        Holds(a * 0.5, [2], [1, 2]);
        Holds(3f * a, [2], [6, 12]);
        Holds(a / 4L, [2], [0.5, 1]);
        Holds(8.0 / a, [2], [4, 2]);
        Holds(eight / a, [2], [4, 2]);
        Holds(eight - a, [2], [6, 4]);
        Holds(a * eight, [2], [16, 32]);
        Assert.That((a * 0.5).dtype, Is.EqualTo(float32), "a double does not widen a float tensor");
    }

    [Test]
    public void Operators_MixedElementTypes_Promote()
    {
        Tensor whole = tensor(new long[] { 1, 2 });
        Assert.That((whole + 1).dtype, Is.EqualTo(int64));
        Assert.That((whole + 1.0).dtype, Is.EqualTo(float32), "libtorch's default type");
        Assert.That((whole / 2).dtype, Is.EqualTo(float32));
        Assert.That((whole + tensor(new float[] { 1, 2 })).dtype, Is.EqualTo(float32));
        Assert.That((tensor(new float[] { 1 }) + tensor(new double[] { 1 })).dtype, Is.EqualTo(float64));
        Assert.That((whole > 1).dtype, Is.EqualTo(@bool));
        Assert.That(((whole > 1) * 2.0).dtype, Is.EqualTo(float32));
    }

    [Test]
    public void AddSubMulDiv_MethodForms_AgreeWithOperators()
    {
        Tensor a = tensor(new double[] { 1, 2 });
        Tensor b = tensor(new double[] { 3, 5 });
        Holds(a.add(b), [2], [4, 7]);
        Holds(a.add(b, alpha: 0.5), [2], [2.5, 4.5]);
        Holds(a.add(10), [2], [11, 12]);
        Holds(a.add(10, alpha: 2), [2], [21, 22]);
        Holds(a.sub(b), [2], [-2, -3]);
        Holds(a.sub(1), [2], [0, 1]);
        Holds(a.mul(b), [2], [3, 10]);
        Holds(a.mul(2), [2], [2, 4]);
        Holds(b.div(a), [2], [3, 2.5]);
        Holds(b.div(2), [2], [1.5, 2.5]);
    }

    [Test]
    public void InPlace_EachForm_ChangesTheTensorAndReturnsAnotherWrapperOfIt()
    {
        Tensor a = tensor(new double[] { 1, 2 });
        Tensor same = a.add_(tensor(new double[] { 1, 1 }));
        Holds(a, [2], [2, 3]);
        Assert.That(same, Is.Not.SameAs(a));
        same.Dispose();
        Assert.That(a.IsInvalid, Is.False, "the other wrapper has its own lifetime");

        a.add_(tensor(new double[] { 1, 1 }), alpha: 2);
        Holds(a, [2], [4, 5]);
        a.add_(1);
        a.add_(1, alpha: 3);
        Holds(a, [2], [8, 9]);
        a.sub_(1);
        a.sub_(tensor(new double[] { 1, 2 }));
        Holds(a, [2], [6, 6]);
        a.mul_(2);
        a.mul_(tensor(new double[] { 1, 2 }));
        Holds(a, [2], [12, 24]);
        a.div_(4);
        a.div_(tensor(new double[] { 1, 2 }));
        Holds(a, [2], [3, 3]);
        a.lerp_(tensor(new double[] { 5, 7 }), tensor(0.25));
        Holds(a, [2], [3.5, 4]);
        a.clamp_(min: 3.75, max: 3.9);
        Holds(a, [2], [3.75, 3.9]);
        a.fill_(2);
        a.exp_();
        Holds(a, [2], [Math.Exp(2), Math.Exp(2)], 1e-12);
        a.zero_();
        Holds(a, [2], [0, 0]);
    }

    [Test]
    public void Elementary_KnownArguments_GiveKnownValues()
    {
        Tensor a = tensor(new double[] { 0.25, 1, 4 });
        Holds(a.exp(), [3], [Math.Exp(0.25), Math.E, Math.Exp(4)], 1e-12);
        Holds(a.log(), [3], [Math.Log(0.25), 0, Math.Log(4)], 1e-12);
        Holds(a.log1p(), [3], [Math.Log(1.25), Math.Log(2), Math.Log(5)], 1e-12);
        Holds(a.expm1(), [3], [Math.Exp(0.25) - 1, Math.E - 1, Math.Exp(4) - 1], 1e-12);
        Holds(a.sqrt(), [3], [0.5, 1, 2], 1e-12);
        Holds(a.square(), [3], [0.0625, 1, 16], 1e-12);
        Holds(a.pow(1.5), [3], [0.125, 1, 8], 1e-12);
        Holds(a.tanh(), [3], [Math.Tanh(0.25), Math.Tanh(1), Math.Tanh(4)], 1e-12);
        Holds(a.sigmoid(), [3], [1 / (1 + Math.Exp(-0.25)), 1 / (1 + Math.Exp(-1)), 1 / (1 + Math.Exp(-4))], 1e-12);
        Holds((-a).abs(), [3], [0.25, 1, 4]);
        Holds(a.neg(), [3], [-0.25, -1, -4]);
    }

    [Test]
    public void StaticForms_EachFunction_AgreesWithTheMethod()
    {
        Tensor a = tensor(new double[] { 0.5, 2 });
        Tensor b = tensor(new double[] { 1, 1 });
        Holds(exp(a), [2], Values(a.exp()));
        Holds(log(a), [2], Values(a.log()));
        Holds(sqrt(a), [2], Values(a.sqrt()));
        Holds(abs(-a), [2], [0.5, 2]);
        Holds(tanh(a), [2], Values(a.tanh()));
        Holds(sigmoid(a), [2], Values(a.sigmoid()));
        Holds(minimum(a, b), [2], [0.5, 1]);
        Holds(maximum(a, b), [2], [1, 2]);
        Holds(clamp(a, min: 1), [2], [1, 2]);
        Holds(where(a > b, a, b), [2], [1, 2]);
        Holds(sum(a), [], [2.5]);
        Holds(sum(a, 0, keepdim: true), [1], [2.5]);
        Holds(mean(a), [], [1.25]);
        Holds(mean(a, [0L]), [], [1.25]);
    }

    [Test]
    public void Clamp_OneOrBothBounds_LimitsOnlyThere()
    {
        Tensor a = tensor(new float[] { -2, 0, 3 });
        Holds(a.clamp(min: -1, max: 1), [3], [-1, 0, 1]);
        Holds(a.clamp(min: -1), [3], [-1, 0, 3]);
        Holds(a.clamp(max: 1), [3], [-2, 0, 1]);
        Holds(a.clamp_min(0.5), [3], [0.5, 0.5, 3]);
        Holds(a.clamp_max(0.5), [3], [-2, 0, 0.5]);
        Holds(a.minimum(zeros([3])), [3], [-2, 0, 0]);
        Holds(a.maximum(zeros([3])), [3], [0, 0, 3]);
    }

    [Test]
    public void Comparisons_TensorsAndNumbers_GiveBooleans()
    {
        Tensor a = tensor(new float[] { 1, 2, 3 });
        Tensor b = tensor(new float[] { 3, 2, 1 });
        Holds(a > b, [3], [0, 0, 1]);
        Holds(a >= b, [3], [0, 1, 1]);
        Holds(a < b, [3], [1, 0, 0]);
        Holds(a <= b, [3], [1, 1, 0]);
        Holds(a == b, [3], [0, 1, 0]);
        Holds(a != b, [3], [1, 0, 1]);
        Holds(a > 1.5, [3], [0, 1, 1]);
        Holds(1.5 > a, [3], [1, 0, 0]);
        Holds(2 >= a, [3], [1, 1, 0]);
        Holds(2 < a, [3], [0, 0, 1]);
        Holds(2 <= a, [3], [0, 1, 1]);
        Holds(2 == a, [3], [0, 1, 0]);
        Holds(a != 2, [3], [1, 0, 1]);
        Holds(a.eq(2), [3], [0, 1, 0]);
        Holds(a.ne(b), [3], [1, 0, 1]);
        Holds(a.lt(2), [3], [1, 0, 0]);
        Holds(a.le(b), [3], [1, 1, 0]);
        Holds(a.gt(b), [3], [0, 0, 1]);
        Holds(a.ge(2), [3], [0, 1, 1]);
    }

    [Test]
    public void Masks_NonFiniteValues_AreFoundAndReplaced()
    {
        Tensor a = tensor(new float[] { 1, float.NaN, float.PositiveInfinity });
        Holds(a.isfinite(), [3], [1, 0, 0]);
        Holds(a.isnan(), [3], [0, 1, 0]);
        Holds(a.isfinite().logical_not(), [3], [0, 1, 1]);
        Holds(a.masked_fill(a.isfinite().logical_not(), -5), [3], [1, -5, -5]);
        Holds(zeros([3]).where(a.isnan(), ones([3])), [3], [1, 0, 1]);
    }

    [Test]
    public void Activations_KnownArguments_GiveKnownValues()
    {
        Tensor a = tensor(new double[] { -1, 0, 2 });
        Holds(F.relu(a), [3], [0, 0, 2]);
        Holds(F.elu(a, 1.0), [3], [Math.Exp(-1) - 1, 0, 2], 1e-12);
        Holds(F.elu(a, 0.5), [3], [0.5 * (Math.Exp(-1) - 1), 0, 2], 1e-12);
        Holds(F.leaky_relu(a), [3], [-0.01, 0, 2], 1e-12);
        Holds(F.tanh(a), [3], [Math.Tanh(-1), 0, Math.Tanh(2)], 1e-12);
        Holds(F.gelu(a), [3], [-0.15865525393145707, 0, 1.9544997361036416], 1e-12);
        Holds(F.softplus(a), [3], [Math.Log(1 + Math.Exp(-1)), Math.Log(2), Math.Log(1 + Math.Exp(2))], 1e-12);
        Holds(F.softplus(a, beta: 2, threshold: 3), [3], [Math.Log(1 + Math.Exp(-2)) / 2, Math.Log(2) / 2, 2], 1e-12);
    }

    [Test]
    public void Activations_InPlace_ChangeTheArgument()
    {
        Tensor a = tensor(new double[] { -1, 2 });
        F.relu(a, inplace: true);
        Holds(a, [2], [0, 2]);
        Tensor b = tensor(new double[] { -1, 2 });
        F.elu(b, 1.0, inplace: true);
        F.leaky_relu(b, 0.5, inplace: true);
        Holds(b, [2], [0.5 * (Math.Exp(-1) - 1), 2], 1e-12);
        F.tanh(b, inplace: true);
        Holds(b, [2], [Math.Tanh(0.5 * (Math.Exp(-1) - 1)), Math.Tanh(2)], 1e-12);
    }

    [Test]
    public void Softmax_LogitsOfKnownRatios_GivesThoseRatios()
    {
        Tensor logits = tensor(new double[] { 0, Math.Log(3), 5, 5 }, [2, 2]);
        Holds(logits.softmax(-1), [2, 2], [0.25, 0.75, 0.5, 0.5], 1e-12);
        Holds(F.softmax(logits, 1), [2, 2], [0.25, 0.75, 0.5, 0.5], 1e-12);
        Holds(logits.log_softmax(1), [2, 2], [Math.Log(0.25), Math.Log(0.75), Math.Log(0.5), Math.Log(0.5)], 1e-12);
        Holds(F.log_softmax(logits, 1), [2, 2], Values(logits.log_softmax(1)));
        Assert.That(tensor(new float[] { 1, 2 }).softmax(0, float64).dtype, Is.EqualTo(float64));
    }

    [Test]
    public void Losses_KnownErrors_GiveKnownValues()
    {
        Tensor prediction = tensor(new double[] { 0.5, 3, -4 });
        Tensor target = zeros([3], dtype: float64);
        Holds(F.mse_loss(prediction, target), [], [(0.25 + 9 + 16) / 3], 1e-12);
        Holds(F.mse_loss(prediction, target, nn.Reduction.Sum), [], [25.25], 1e-12);
        Holds(F.huber_loss(prediction, target, delta: 2, reduction: nn.Reduction.None), [3], [0.125, 4, 6], 1e-12);
        Holds(F.huber_loss(prediction, target, delta: 2), [], [10.125 / 3], 1e-12);
    }

    [Test]
    public void Products_SmallMatrices_AreRowTimesColumn()
    {
        Tensor a = tensor(new double[] { 1, 2, 3, 4 }, [2, 2]);
        Tensor b = tensor(new double[] { 5, 6, 7, 8 }, [2, 2]);
        Holds(a.mm(b), [2, 2], [19, 22, 43, 50]);
        Holds(mm(a, b), [2, 2], [19, 22, 43, 50]);
        Holds(a.matmul(tensor(new double[] { 1, 1 })), [2], [3, 7]);
        Holds(matmul(a, b.t()), [2, 2], [17, 23, 39, 53]);
        Holds(a.unsqueeze(0).bmm(b.unsqueeze(0)), [1, 2, 2], [19, 22, 43, 50]);
        Holds(ones([2, 2], dtype: float64).addmm(a, b), [2, 2], [20, 23, 44, 51]);
        Holds(ones([2, 2], dtype: float64).addmm(a, b, beta: 2, alpha: 0.5f), [2, 2], [11.5, 13, 23.5, 27]);
        Holds(F.linear(a, b, tensor(new double[] { 10, 20 })), [2, 2], [27, 43, 49, 73]);
        Holds(F.linear(a, b), [2, 2], [17, 23, 39, 53]);
    }
}
