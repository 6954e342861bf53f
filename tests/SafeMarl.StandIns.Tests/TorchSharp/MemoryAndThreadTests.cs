using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static SafeMarl.StandIns.Tests.Torch.TensorAssert;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SafeMarl.StandIns.Tests.Torch;

public sealed class MemoryAndThreadTests
{
    [Test]
    public void Collector_RunningAllTheTime_FreesNoTensorThatIsInUse()
    {
        manual_seed(0);
        using var first = nn.Linear(16, 32);
        using var second = nn.Linear(32, 4);
        Parameter[] parameters = [.. first.parameters(), .. second.parameters()];
        using var adam = optim.Adam(parameters);
        bool stop = false;
        var collector = new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            using Tensor x = ones([8, 16]);
            using Tensor target = zeros([8, 4]);
            for (int i = 0; i < 300; i++)
            {
                // Temporaries in chains and no scope: nothing but the calls themselves keeps them alive.
                adam.zero_grad();
                F.mse_loss(second.forward(F.relu(first.forward((x * 2).sub(1).mul(x + 0).clone()))).tanh(), target + 0).backward();
                adam.step();
                Assert.That((x + 1).mm((x + 1).t()).sum().ToSingle(), Is.EqualTo(4f * 16 * 64));
                Assert.That(MemoryMarshal.Cast<byte, float>((x * 3).contiguous().bytes).Length, Is.EqualTo(128));
                Assert.That(cat([x + 1, x + 2]).sum().item<float>(), Is.EqualTo(5f * 128));
            }
        }
        finally
        {
            Volatile.Write(ref stop, true);
            collector.Join();
        }
        Assert.That(parameters.All(p => p.isfinite().all().item<bool>()), Is.True);
    }

    [Test]
    public void Finalizers_OfAbandonedTensors_FreeThem()
    {
        Collect();
        long before = Tensor.TotalCount;
        Abandon();
        Assert.That(Tensor.TotalCount, Is.EqualTo(before + 100));
        Collect();
        Assert.That(Tensor.TotalCount, Is.EqualTo(before));

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Abandon()
        {
            for (int i = 0; i < 100; i++)
                _ = zeros([10]);
        }

        static void Collect()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    [Test]
    public void Training_TwoModelsOnTwoThreads_GivesTheBitsOfOneAfterTheOther()
    {
        byte[][] sequential = [Train(Model(1)), Train(Model(2))];
        (Linear, Linear)[] models = [Model(1), Model(2)];
        byte[][] parallel = new byte[2][];
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(i => new Thread(() => parallel[i] = Train(models[i])))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.That(parallel[0], Is.EqualTo(sequential[0]));
        Assert.That(parallel[1], Is.EqualTo(sequential[1]));
        Assert.That(parallel[0], Is.Not.EqualTo(parallel[1]));

        static (Linear, Linear) Model(long seed)
        {
            manual_seed(seed);
            return (nn.Linear(24, 64), nn.Linear(64, 3));
        }

        static byte[] Train((Linear First, Linear Second) model)
        {
            set_num_threads(1);
            Parameter[] parameters = [.. model.First.parameters(), .. model.Second.parameters()];
            using var adam = optim.Adam(parameters, lr: 1e-2);
            for (int step = 1; step <= 60; step++)
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor x = (arange(256 * 24, dtype: float32) * step).view(256, 24).tanh();
                adam.zero_grad();
                F.mse_loss(model.Second.forward(F.elu(model.First.forward(x), 1.0)), x.narrow(1, 0, 3)).backward();
                nn.utils.clip_grad_norm_(parameters, 0.5);
                adam.step();
            }
            return [.. parameters.SelectMany(Bits)];
        }
    }

    [Test]
    public void GradMode_OfOneThread_DoesNotReachAnother()
    {
        using IDisposable mode = no_grad();
        bool recorded = false;
        var thread = new Thread(() =>
        {
            using DisposeScope scope = NewDisposeScope();
            recorded = (Variable([1]) * 2).requires_grad;
        });
        thread.Start();
        thread.Join();
        Assert.That(recorded, Is.True);
    }
}
