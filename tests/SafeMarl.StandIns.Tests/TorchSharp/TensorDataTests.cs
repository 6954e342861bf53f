using System.Runtime.InteropServices;
using TorchSharp;
using static SafeMarl.StandIns.Tests.Torch.TensorAssert;
using static TorchSharp.torch;

namespace SafeMarl.StandIns.Tests.Torch;

public sealed class TensorDataTests
{
    private DisposeScope _scope = null!;

    [SetUp]
    public void Open() => _scope = NewDisposeScope();

    [TearDown]
    public void Close() => _scope.Dispose();

    [Test]
    public void Factories_ByShape_FillAndChooseTheElementType()
    {
        Holds(zeros([2, 2]), [2, 2], [0, 0, 0, 0]);
        Holds(ones(new long[] { 3 }, dtype: int64), [3], [1, 1, 1]);
        Holds(full(new long[] { 2 }, -0.5f, dtype: float64), [2], [-0.5, -0.5]);
        Assert.That(zeros([1]).dtype, Is.EqualTo(float32));
        Assert.That(full([1], 2.0).dtype, Is.EqualTo(float32));
        Assert.That(full([1], 2).dtype, Is.EqualTo(int64));
        Assert.That(empty([4, 0]).shape, Is.EqualTo(new long[] { 4, 0 }));
        Assert.That(zeros([1], requires_grad: true).requires_grad, Is.True);
        Tensor like = ones([2, 1], dtype: float64);
        Holds(zeros_like(like), [2, 1], [0, 0]);
        Assert.That(ones_like(like, dtype: float32).dtype, Is.EqualTo(float32));
        Assert.That(zeros_like(like).dtype, Is.EqualTo(float64));
    }

    [Test]
    public void Arange_WholeAndBrokenNumbers_StopsBeforeTheEnd()
    {
        Holds(arange(3), [3], [0, 1, 2]);
        Assert.That(arange(3).dtype, Is.EqualTo(int64));
        Holds(arange(1, 2, 0.25), [4], [1, 1.25, 1.5, 1.75]);
        Assert.That(arange(1.0).dtype, Is.EqualTo(float32));
        Holds(arange(2, 4, dtype: float64), [2], [2, 3]);
    }

    [Test]
    public void Tensor_FromArrays_CopiesThem()
    {
        float[] values = [1, 2, 3, 4];
        Tensor a = tensor(values, [2, 2]);
        values[0] = 100;
        Holds(a, [2, 2], [1, 2, 3, 4]);
        Assert.That(tensor(new double[] { 1 }).dtype, Is.EqualTo(float64));
        Assert.That(tensor(new long[] { 1 }, dtype: float32).dtype, Is.EqualTo(float32));
        Holds(tensor(new long[] { 1, 2 }, new long[] { 2, 1 }), [2, 1], [1, 2]);
        Assert.That(tensor(new float[] { 1 }, requires_grad: true).is_leaf, Is.True);
    }

    [Test]
    public void Tensor_FromNumbers_HasTheElementTypeOfTheNumber()
    {
        Assert.That(tensor(1.5f).dtype, Is.EqualTo(float32));
        Assert.That(tensor(1.5).dtype, Is.EqualTo(float64));
        Assert.That(tensor(1).dtype, Is.EqualTo(ScalarType.Int32));
        Assert.That(tensor(1L).dtype, Is.EqualTo(int64));
        Assert.That(tensor(1.5, dtype: float32).item<float>(), Is.EqualTo(1.5f));
    }

    [Test]
    public void Tensor_ShapeThatDoesNotFit_Throws()
    {
        Assert.That(() => tensor(new float[3], [2, 2]), Throws.ArgumentException.With.Message.Contains("[2, 2]"));
    }

    [Test]
    public void Bytes_OfACpuTensor_AreItsMemory()
    {
        Tensor a = zeros([2, 2]);
        MemoryMarshal.Cast<byte, float>(a.bytes)[3] = 7;
        Holds(a, [2, 2], [0, 0, 0, 7]);
        a.bytes = MemoryMarshal.AsBytes(new float[] { 1, 2, 3, 4 }.AsSpan());
        Holds(a, [2, 2], [1, 2, 3, 4]);
        Assert.That(() => a.bytes = new byte[3], Throws.ArgumentException);
        Assert.That(() => a.t().bytes.Length, Throws.InstanceOf<NotImplementedException>());
    }

    [Test]
    public void Item_OneElementOfThatType_IsRead()
    {
        Assert.That(tensor(2.5f).item<float>(), Is.EqualTo(2.5f));
        Assert.That(tensor(new long[] { 1L << 40 }).item<long>(), Is.EqualTo(1L << 40));
        Assert.That((tensor(1f) > 0).item<bool>(), Is.True);
        Assert.That(() => tensor(2.5f).item<double>(), Throws.ArgumentException, "no conversion");
        Assert.That(() => zeros([2]).item<float>(), Throws.ArgumentException, "two elements");
        Assert.That(Variable([3]).sum().item<double>(), Is.EqualTo(3), "also with a graph behind it");
    }

    [Test]
    public void Numbers_OfAnyElementType_Convert()
    {
        Assert.That(tensor(2.75).ToSingle(), Is.EqualTo(2.75f));
        Assert.That(tensor(7L).ToDouble(), Is.EqualTo(7));
        Assert.That(tensor(7.9).ToInt32(), Is.EqualTo(7));
        Assert.That((tensor(1f) > 0).ToInt64(), Is.EqualTo(1));
        Assert.That(() => tensor(1L << 40).ToInt32(), Throws.InstanceOf<OverflowException>());
    }

    [Test]
    public void To_OtherTypeOrSame_GivesAnOwnWrapper()
    {
        Tensor a = tensor(new float[] { 1.5f, -2 });
        Holds(a.to(ScalarType.Float64), [2], [1.5, -2]);
        Holds(a.to_type(int64), [2], [1, -2]);
        Holds(a.to(float64, CPU), [2], [1.5, -2]);
        Tensor alias = a.to(CPU);
        alias.mul_(2);
        Holds(a, [2], [3, -4]);
        alias.Dispose();
        Assert.That(a.IsInvalid, Is.False);
        Tensor copy = a.to(CPU, copy: true);
        copy.zero_();
        Holds(a, [2], [3, -4]);
        Tensor moved = a.to(float64, disposeAfter: true);
        Assert.That(a.IsInvalid, Is.True);
        Holds(moved.cpu(), [2], [3, -4]);
    }

    [Test]
    public void Copies_CloneAndCopy_DoNotShareMemory()
    {
        Tensor a = tensor(new float[] { 1, 2 });
        Tensor b = a.clone();
        b.zero_();
        Holds(a, [2], [1, 2]);
        b.copy_(tensor(new double[] { 5, 6 }));
        Holds(b, [2], [5, 6]);
        a.detach().zero_();
        Holds(a, [2], [0, 0]);
    }

    [Test]
    public void Equality_ByValue_ForEqualsAndByElementForTheOperator()
    {
        Tensor a = tensor(new float[] { 1, 2 });
        Tensor b = tensor(new float[] { 1, 2 });
        Assert.That(a.Equals(b), Is.True);
        Assert.That(a.Equals((object)zeros([2])), Is.False);
        Holds(a == b, [2], [1, 1]);
    }

    [Test]
    public void ToString_ATensor_ShowsShapeTypeAndDevice()
    {
        Assert.That(zeros([2, 3]).ToString(), Is.EqualTo("[2x3], type = Float32, device = cpu"));
    }

    [Test]
    public void Devices_Descriptions_AreParsed()
    {
        Assert.That(device("cuda:1").index, Is.EqualTo(1));
        Assert.That(device("cuda").ToString(), Is.EqualTo("cuda"));
        Assert.That(device(DeviceType.CUDA, 2).ToString(), Is.EqualTo("cuda:2"));
        Assert.That(new Device("cpu").type, Is.EqualTo(DeviceType.CPU));
        Assert.That(new Device("cuda", 0).ToString(), Is.EqualTo("cuda:0"));
        Assert.That(CPU.index, Is.EqualTo(-1));
        Device converted = "cpu";
        Assert.That(converted.ToString(), Is.EqualTo("cpu"));
        Assert.That(() => new Device("gpu"), Throws.ArgumentException);
        Assert.That(() => new Device("cuda:x"), Throws.ArgumentException);
        Assert.That(zeros([1]).device.type, Is.EqualTo(DeviceType.CPU));
        Assert.That(zeros([1]).device_type, Is.EqualTo(DeviceType.CPU));
    }

    [Test]
    public void Cuda_WhereThereIsNone_SaysSo()
    {
        Assert.That(cuda.is_available(), Is.EqualTo(cuda.device_count() > 0));
        Assert.That(() => cuda.synchronize(CPU), Throws.ArgumentException);
    }

    [Test]
    public void Seed_SameSeed_SameInitialisation()
    {
        manual_seed(5);
        using var first = nn.Linear(4, 3);
        manual_seed(5);
        using var second = nn.Linear(4, 3);
        Assert.That(first.parameters().SelectMany(Bits), Is.EqualTo(second.parameters().SelectMany(Bits)));
    }

    [Test]
    public void Threads_SetForThisThread_AreReadBack()
    {
        int before = get_num_threads();
        set_num_threads(1);
        Assert.That(get_num_threads(), Is.EqualTo(1));
        set_num_threads(before);
    }
}
