using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace SafeMarl.ML.Networks;

/// <summary>Copies between tensors and managed arrays.</summary>
internal static class TensorData
{
    /// <summary>The values as float32, whatever the device and precision.</summary>
    public static float[] ToFloats(this Tensor source)
    {
        using var scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, float>(source.detach().to(ScalarType.Float32).cpu().contiguous().bytes).ToArray();
    }

    /// <summary>The values as float64, whatever the device and precision.</summary>
    public static double[] ToDoubles(this Tensor source)
    {
        using var scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, double>(source.detach().to(ScalarType.Float64).cpu().contiguous().bytes).ToArray();
    }

    /// <summary>Overwrites a tensor's values, keeping its device and precision.</summary>
    public static void SetValues(this Tensor target, float[] values)
    {
        using var scope = NewDisposeScope();
        using (no_grad())
            target.copy_(tensor(values, target.shape));
    }
}
