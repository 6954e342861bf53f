using TorchSharp;
using static SafeMarl.StandIns.Tests.Torch.TensorAssert;
using static TorchSharp.torch;

namespace SafeMarl.StandIns.Tests.Torch;

public sealed class TensorShapeTests
{
    private DisposeScope _scope = null!;

    [SetUp]
    public void Open() => _scope = NewDisposeScope();

    [TearDown]
    public void Close() => _scope.Dispose();

    private static Tensor OneToSix() => tensor(new float[] { 1, 2, 3, 4, 5, 6 }, [2, 3]);

    [Test]
    public void ViewAndReshape_SameElements_NewShape()
    {
        Tensor a = OneToSix();
        Holds(a.view(3, 2), [3, 2], [1, 2, 3, 4, 5, 6]);
        Holds(a.view(new long[] { -1 }), [6], [1, 2, 3, 4, 5, 6]);
        Holds(a.t().reshape(6), [6], [1, 4, 2, 5, 3, 6]);
        Holds(a.flatten(), [6], [1, 2, 3, 4, 5, 6]);
        Holds(a.view(2, 3, 1).flatten(start_dim: 1), [2, 3], [1, 2, 3, 4, 5, 6]);
    }

    [Test]
    public void View_WrittenThrough_ChangesTheOriginal()
    {
        Tensor a = OneToSix();
        a.view(6).select(0, 5).fill_(60);
        a.narrow(1, 0, 1).zero_();
        Holds(a, [2, 3], [0, 2, 3, 0, 5, 60]);
    }

    [Test]
    public void Transposition_TwoOrAllDimensions_Permutes()
    {
        Tensor a = OneToSix();
        Holds(a.t(), [3, 2], [1, 4, 2, 5, 3, 6]);
        Holds(a.transpose(0, 1), [3, 2], [1, 4, 2, 5, 3, 6]);
        Holds(a.unsqueeze(0).permute(2, 0, 1), [3, 1, 2], [1, 4, 2, 5, 3, 6]);
        Holds(a.t().contiguous(), [3, 2], [1, 4, 2, 5, 3, 6]);
    }

    [Test]
    public void Squeeze_OnesOnly_AreDropped()
    {
        Tensor a = OneToSix().view(1, 2, 1, 3);
        Assert.That(a.squeeze().shape, Is.EqualTo(new long[] { 2, 3 }));
        Assert.That(a.squeeze(0).shape, Is.EqualTo(new long[] { 2, 1, 3 }));
        Assert.That(a.squeeze(1).shape, Is.EqualTo(new long[] { 1, 2, 1, 3 }));
        Assert.That(a.unsqueeze(-1).shape, Is.EqualTo(new long[] { 1, 2, 1, 3, 1 }));
    }

    [Test]
    public void Expand_OneDimensions_Repeat()
    {
        Tensor row = tensor(new float[] { 1, 2 }, [1, 2]);
        Holds(row.expand(3, 2), [3, 2], [1, 2, 1, 2, 1, 2]);
        Holds(row.expand(new long[] { 2, -1 }), [2, 2], [1, 2, 1, 2]);
        Holds(row.expand_as(zeros([2, 2])), [2, 2], [1, 2, 1, 2]);
    }

    [Test]
    public void Indexing_RowsColumnsAndPicks_SelectElements()
    {
        Tensor a = OneToSix();
        Holds(a.narrow(1, 1, 2), [2, 2], [2, 3, 5, 6]);
        Holds(a.select(0, 1), [3], [4, 5, 6]);
        Holds(a.index_select(1, tensor(new long[] { 2, 0 })), [2, 2], [3, 1, 6, 4]);
        Holds(a.gather(1, tensor(new long[] { 2, 0 }, [2, 1])), [2, 1], [3, 4]);
    }

    [Test]
    public void CatAndStack_TwoTensors_JoinOldOrNewDimension()
    {
        Tensor a = tensor(new float[] { 1, 2 }, [1, 2]);
        Tensor b = tensor(new float[] { 3, 4 }, [1, 2]);
        Holds(cat(new[] { a, b }), [2, 2], [1, 2, 3, 4]);
        Holds(cat(new List<Tensor> { a, b }, dim: -1), [1, 4], [1, 2, 3, 4]);
        Holds(stack(new[] { a, b }), [2, 1, 2], [1, 2, 3, 4]);
        Holds(stack(new List<Tensor> { a, b }, dim: 2), [1, 2, 2], [1, 3, 2, 4]);
    }

    [Test]
    public void Sizes_OfATensor_AreReported()
    {
        Tensor a = OneToSix();
        Assert.That(a.shape, Is.EqualTo(new long[] { 2, 3 }));
        Assert.That(a.Dimensions, Is.EqualTo(2));
        Assert.That(a.NumberOfElements, Is.EqualTo(6));
        Assert.That(a.numel(), Is.EqualTo(6));
        Assert.That(a.size(0), Is.EqualTo(2));
        Assert.That(a.size(-1), Is.EqualTo(3));
        Assert.That(tensor(1f).shape, Is.Empty);
    }
}
