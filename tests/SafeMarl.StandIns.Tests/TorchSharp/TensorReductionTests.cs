using TorchSharp;
using static SafeMarl.StandIns.Tests.Torch.TensorAssert;
using static TorchSharp.torch;

namespace SafeMarl.StandIns.Tests.Torch;

public sealed class TensorReductionTests
{
    private DisposeScope _scope = null!;

    [SetUp]
    public void Open() => _scope = NewDisposeScope();

    [TearDown]
    public void Close() => _scope.Dispose();

    private static Tensor OneToSix() => tensor(new double[] { 1, 2, 3, 4, 5, 6 }, [2, 3]);

    [Test]
    public void SumAndMean_WholeOrAlongDimensions_AddUp()
    {
        Tensor a = OneToSix();
        Holds(a.sum(), [], [21]);
        Holds(a.sum(1), [2], [6, 15]);
        Holds(a.sum(-1, keepdim: true), [2, 1], [6, 15]);
        Holds(a.sum(new long[] { 0, 1 }), [], [21]);
        Holds(a.mean(), [], [3.5]);
        Holds(a.mean(new long[] { 0 }), [3], [2.5, 3.5, 4.5]);
        Holds(a.mean(new long[] { 1 }, keepdim: true), [2, 1], [2, 5]);
        Assert.That(a.sum(type: float32).dtype, Is.EqualTo(float32));
        Assert.That((a > 2).sum().item<long>(), Is.EqualTo(4));
    }

    [Test]
    public void Sum_OfABareZero_IsTakenForAnElementTypeAsOfficially()
    {
        // The literal 0 converts to an enum, and that overload has no defaults to fill in: name the argument.
        Holds(OneToSix().sum(dim: 0), [3], [5, 7, 9]);
        Assert.That(OneToSix().sum(0).dtype, Is.EqualTo(ScalarType.Byte));
    }

    [Test]
    public void StdAndVar_BiasedAndUnbiased_DivideByTheRightCount()
    {
        Tensor a = tensor(new double[] { 1, 2, 4, 5 });
        Holds(a.var(), [], [10.0 / 3], 1e-12);
        Holds(a.var(unbiased: false), [], [2.5], 1e-12);
        Holds(a.std(), [], [Math.Sqrt(10.0 / 3)], 1e-12);
        Holds(a.std(unbiased: false), [], [Math.Sqrt(2.5)], 1e-12);
        Tensor rows = tensor(new double[] { 1, 3, 10, 14 }, [2, 2]);
        Holds(rows.var(1, unbiased: true), [2], [2, 8], 1e-12);
        Holds(rows.std(1, unbiased: false, keepdim: true), [2, 1], [1, 2], 1e-12);
        Holds(rows.std(new long[] { 0, 1 }, unbiased: false), [], [Math.Sqrt(27.5)], 1e-12);
        Holds(rows.var(new long[] { 0 }, unbiased: false), [2], [20.25, 30.25], 1e-12);
        Assert.That(rows.std(1, unbiased: false, type: float32).dtype, Is.EqualTo(float32));
    }

    [Test]
    public void ProdAndCumsum_AlongDimensions_Accumulate()
    {
        Tensor a = OneToSix();
        Holds(a.prod(), [], [720]);
        Holds(a.prod(1), [2], [6, 120]);
        Holds(a.cumsum(1), [2, 3], [1, 3, 6, 4, 9, 15]);
        Holds(a.cumsum(0), [2, 3], [1, 2, 3, 5, 7, 9]);
    }

    [Test]
    public void Extremes_WholeOrAlongDimensions_FindValueAndPlace()
    {
        Tensor a = tensor(new double[] { 3, 9, 5, 7, 2, 8 }, [2, 3]);
        Holds(a.max(), [], [9]);
        Holds(a.min(), [], [2]);
        (Tensor values, Tensor indexes) = a.max(1);
        Holds(values, [2], [9, 8]);
        Holds(indexes, [2], [1, 2]);
        Assert.That(indexes.dtype, Is.EqualTo(int64));
        (Tensor kept, _) = a.max(0, keepdim: true);
        Holds(kept, [1, 3], [7, 9, 8]);
        Holds(a.argmax(1), [2], [1, 2]);
        Holds(a.argmax(-1, keepdim: true), [2, 1], [1, 2]);
    }

    [Test]
    public void AllAndAny_Booleans_Join()
    {
        Tensor a = tensor(new float[] { 1, 1, 0, 1 }, [2, 2]) > 0;
        Assert.That(a.all().item<bool>(), Is.False);
        Assert.That(a.any().item<bool>(), Is.True);
        Holds(a.all(1), [2], [1, 0]);
        Holds(a.any(0, keepdim: true), [1, 2], [1, 1]);
    }

    [Test]
    public void Norms_ThreeFour_IsFive()
    {
        Tensor a = tensor(new double[] { 3, 4, 6, 8 }, [2, 2]);
        Holds(a.norm(), [], [Math.Sqrt(125)], 1e-12);
        Holds(a.norm(1), [2], [5, 10], 1e-12);
        Holds(a.norm(1, keepdim: true, p: 1), [2, 1], [7, 14], 1e-12);
        Holds(a.norm(p: 1f), [], [21], 1e-12);
    }

    [Test]
    public void LogSumExp_LargeArguments_DoesNotOverflow()
    {
        Tensor a = tensor(new double[] { 1000, 1000, 0, Math.Log(3) }, [2, 2]);
        Holds(a.logsumexp(1), [2], [1000 + Math.Log(2), Math.Log(4)], 1e-9);
        Holds(a.logsumexp(1, keepdim: true), [2, 1], [1000 + Math.Log(2), Math.Log(4)], 1e-9);
    }
}
