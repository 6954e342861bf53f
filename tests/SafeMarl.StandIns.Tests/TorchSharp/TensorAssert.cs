using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.StandIns.Tests.Torch;

/// <summary>What the tests of this folder share: reading tensors, comparing them, differentiating by differences.</summary>
internal static class TensorAssert
{
    /// <summary>The elements in row order, whatever the element type and layout.</summary>
    public static double[] Values(Tensor tensor)
    {
        using Tensor plain = tensor.detach().to(float64, CPU).contiguous();
        return MemoryMarshal.Cast<byte, double>(plain.bytes).ToArray();
    }

    public static byte[] Bits(Tensor tensor) => tensor.detach().contiguous().bytes.ToArray();

    public static void Holds(Tensor tensor, long[] shape, double[] values, double tolerance = 1e-6)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(tensor.shape, Is.EqualTo(shape), "shape");
            Assert.That(Values(tensor), Is.EqualTo(values).Within(tolerance));
        }
    }

    /// <summary>A float64 leaf that records what is done to it.</summary>
    public static Tensor Variable(double[] values, params long[] shape) => tensor(values, shape.Length == 0 ? [values.Length] : shape, requires_grad: true);

    /// <summary>Compares autograd with central differences for every element of every input, in float64.</summary>
    public static void GradientsMatchDifferences(Func<Tensor[], Tensor> scalar, params Tensor[] inputs)
    {
        const double step = 1e-6;
        using Tensor loss = scalar(inputs);
        IList<Tensor> gradients = autograd.grad([loss], inputs);
        for (int k = 0; k < inputs.Length; k++)
        {
            double[] numeric = new double[inputs[k].NumberOfElements];
            for (int i = 0; i < numeric.Length; i++)
                numeric[i] = (Shifted(k, i, step) - Shifted(k, i, -step)) / (2 * step);
            Assert.That(Values(gradients[k]), Is.EqualTo(numeric).Within(1e-7), $"input {k}");
        }

        double Shifted(int k, int i, double by)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable mode = no_grad();
            Tensor[] moved = [.. inputs];
            moved[k] = inputs[k].detach().clone();
            MemoryMarshal.Cast<byte, double>(moved[k].bytes)[i] += by;
            return scalar(moved).ToDouble();
        }
    }
}
