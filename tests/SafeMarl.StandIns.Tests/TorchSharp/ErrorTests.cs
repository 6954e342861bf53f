using System.Runtime.InteropServices;
using TorchSharp;
using static SafeMarl.StandIns.Tests.Torch.TensorAssert;
using static TorchSharp.torch;

namespace SafeMarl.StandIns.Tests.Torch;

public sealed class ErrorTests
{
    private DisposeScope _scope = null!;

    [SetUp]
    public void Open() => _scope = NewDisposeScope();

    [TearDown]
    public void Close() => _scope.Dispose();

    [Test]
    public void Operation_ShapesThatDoNotFit_ThrowsLibtorchsText()
    {
        Tensor a = zeros([2]), b = zeros([3]);
        Assert.That(() => a + b, Throws.InstanceOf<ExternalException>().With.Message.Contains("The size of tensor a (2) must match the size of tensor b (3)"));
        Assert.That(() => zeros([2, 3]).mm(zeros([2, 3])), Throws.InstanceOf<ExternalException>().With.Message.Contains("2x3 and 2x3"));
        Holds(a + 1, [2], [1, 1]);
    }

    [Test]
    public void Operation_OtherMistakes_ThrowLibtorchsText()
    {
        Tensor a = zeros([2, 3]);
        Assert.That(() => a.select(2, 0), Throws.InstanceOf<ExternalException>().With.Message.Contains("Dimension out of range"));
        Assert.That(() => a.gather(1, zeros([2, 1])), Throws.InstanceOf<ExternalException>().With.Message.Contains("int64"));
        Assert.That(() => a.view(4), Throws.InstanceOf<ExternalException>().With.Message.Contains("invalid for input of size 6"));
        Assert.That(() => a.clamp(), Throws.InstanceOf<ExternalException>().With.Message.Contains("clamp"));
        Assert.That(a.backward, Throws.InstanceOf<ExternalException>().With.Message.Contains("does not require grad"));
        Assert.That(() => cat(Array.Empty<Tensor>()), Throws.InstanceOf<ExternalException>());
        Assert.That(() => (Variable([1, 2]) * 2).backward(), Throws.InstanceOf<ExternalException>().With.Message.Contains("scalar"));
        Assert.That(() => zeros([1], names: ["N"]), Throws.InstanceOf<NotSupportedException>());
        Assert.That(() => a.ToDouble(), Throws.InstanceOf<ExternalException>().With.Message.Contains("6 elements"));
    }

    [Test]
    public void Operation_LeafChangedInPlace_Throws()
    {
        Tensor a = Variable([1]);
        Assert.That(() => a.add_(1), Throws.InstanceOf<ExternalException>().With.Message.Contains("in-place operation"));
        using (no_grad())
            a.add_(1);
        Holds(a, [1], [2]);
    }

    [Test]
    public void Operation_DisposedTensor_ThrowsBeforeAnythingNative()
    {
        Tensor a = zeros([1]), b = zeros([1]);
        a.Dispose();
        Assert.That(() => a + b, Throws.InvalidOperationException);
        Assert.That(() => b + a, Throws.InvalidOperationException);
        Assert.That(() => cat([a, b]), Throws.InvalidOperationException);
        Assert.That(() => a.shape, Throws.InvalidOperationException);
    }

    [Test]
    public void Errors_AThousand_LeaveEverythingWorking()
    {
        Tensor a = zeros([2]), b = zeros([3]);
        long before = Tensor.TotalCount;
        for (int i = 0; i < 1000; i++)
            Assert.That(() => a.add_(b), Throws.InstanceOf<ExternalException>());
        Assert.That(Tensor.TotalCount, Is.EqualTo(before));
        Holds(a + 1, [2], [1, 1]);
    }

    [Test]
    public void Errors_OnTwoThreads_KeepTheirOwnText()
    {
        string[] texts = new string[2];
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(i => new Thread(() =>
        {
            using DisposeScope scope = NewDisposeScope();
            for (int k = 0; k < 50; k++)
            {
                try
                {
                    zeros([2]).add(zeros([3 + i]));
                }
                catch (ExternalException e)
                {
                    texts[i] = e.Message;
                }
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.That(texts[0], Does.Contain("tensor b (3)"));
        Assert.That(texts[1], Does.Contain("tensor b (4)"));
    }
}
