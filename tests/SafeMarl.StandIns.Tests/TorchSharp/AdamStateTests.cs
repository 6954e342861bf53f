using TorchSharp;
using TorchSharp.Modules;
using static SafeMarl.StandIns.Tests.Torch.TensorAssert;
using static TorchSharp.torch;

namespace SafeMarl.StandIns.Tests.Torch;

public sealed class AdamStateTests
{
    private DisposeScope _scope = null!;

    [SetUp]
    public void Open() => _scope = NewDisposeScope();

    [TearDown]
    public void Close() => _scope.Dispose();

    private static Parameter[] Parameters() => [new(tensor(new float[] { 1, 2, 3 })), new(tensor(new double[] { 4, 5, 6, 7 }, [2, 2]))];

    private static void Train(Parameter[] parameters, Adam adam, int from, int to)
    {
        for (int t = from; t < to; t++)
        {
            using DisposeScope scope = NewDisposeScope();
            adam.zero_grad();
            parameters.Select((p, i) => (p * Math.Sin(t + i)).square().sum().to(float64)).Aggregate((a, b) => a + b).backward();
            adam.step();
        }
    }

    private static byte[] Saved(Adam adam)
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream))
            adam.save_state_dict(writer);
        return stream.ToArray();
    }

    private static void Load(Adam adam, byte[] state)
    {
        using var reader = new BinaryReader(new MemoryStream(state));
        adam.load_state_dict(reader);
    }

    [Test]
    public void Load_IntoAnotherOptimizer_ContinuesWithTheSameBits()
    {
        Parameter[] whole = Parameters();
        using var straight = optim.Adam(whole, lr: 0.05, weight_decay: 0.01);
        Train(whole, straight, 0, 20);

        Parameter[] first = Parameters();
        using var interrupted = optim.Adam(first, lr: 0.05, weight_decay: 0.01);
        Train(first, interrupted, 0, 11);
        byte[] state = Saved(interrupted);

        Parameter[] second = [.. first.Select(p => new Parameter(p.detach().clone()))];
        using var resumed = optim.Adam(second, lr: 0.9);
        Load(resumed, state);
        Assert.That(resumed.ParamGroups.Single().LearningRate, Is.EqualTo(0.05));
        Train(second, resumed, 11, 20);

        Assert.That(second.SelectMany(Bits), Is.EqualTo(whole.SelectMany(Bits)));
        Assert.That(Saved(resumed), Is.EqualTo(Saved(straight)));
    }

    [Test]
    public void Load_StateOfOtherParameters_IsRefusedAndChangesNothing()
    {
        Parameter[] parameters = Parameters();
        using var adam = optim.Adam(parameters);
        Train(parameters, adam, 0, 3);
        byte[] before = Saved(adam);

        using var fewer = optim.Adam([parameters[0]]);
        using var otherShape = optim.Adam([parameters[0], new Parameter(zeros([4, 1], dtype: float64))]);
        using var otherRank = optim.Adam([parameters[0], new Parameter(zeros([4], dtype: float64))]);
        using var otherType = optim.Adam([parameters[0], new Parameter(zeros([2, 2]))]);
        foreach (Adam other in new[] { fewer, otherShape, otherRank, otherType })
            Assert.That(() => Load(adam, Saved(other)), Throws.InstanceOf<InvalidDataException>());
        Assert.That(Saved(adam), Is.EqualTo(before));
    }

    [Test]
    public void Load_DamagedData_IsRefusedAndChangesNothing()
    {
        Parameter[] parameters = Parameters();
        using var adam = optim.Adam(parameters);
        Train(parameters, adam, 0, 3);
        byte[] state = Saved(adam);
        for (int length = 0; length < state.Length; length += 7)
            Assert.That(() => Load(adam, state[..length]), Throws.InstanceOf<InvalidDataException>(), $"{length} bytes");
        byte[] foreign = [.. state];
        foreign[0] ^= 1;
        Assert.That(() => Load(adam, foreign), Throws.InstanceOf<InvalidDataException>());
        byte[] impossible = [.. state];
        BitConverter.GetBytes(2.0).CopyTo(impossible, 4 + 8);
        Assert.That(() => Load(adam, impossible), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("beta1"));
        Assert.That(Saved(adam), Is.EqualTo(state));
    }
}
