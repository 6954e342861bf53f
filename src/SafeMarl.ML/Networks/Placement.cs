using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Networks;

/// <summary>Where the tensors of a run live, and their precision. Training uses float32; reference data are checked in float64.</summary>
internal sealed record Placement(Device Device, ScalarType Type)
{
    /// <summary>The device that an option names: "auto" (CUDA if there is one), "cpu", "cuda" or "cuda:N".</summary>
    /// <exception cref="DeviceUnavailableException">It is not there.</exception>
    public static Placement Parse(string name)
    {
        if (name == "cpu")
            return new Placement(CPU, ScalarType.Float32);
        bool available = cuda.is_available();
        if (name == "auto")
            return new Placement(available ? device(DeviceType.CUDA, 0) : CPU, ScalarType.Float32);
        int index = name == "cuda" ? 0 : name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan(5), out int n) && n >= 0 ? n
            : throw new InvalidOptionsException($"Device is '{name}'; it must be 'auto', 'cpu', 'cuda' or 'cuda:N'.");
        int count = available ? cuda.device_count() : 0;
        return index < count
            ? new Placement(device(DeviceType.CUDA, index), ScalarType.Float32)
            : throw new DeviceUnavailableException($"Device '{name}' is not available: this libtorch sees {count} CUDA devices. Use 'cpu', or 'auto' to take what there is.");
    }

    /// <summary>
    /// As <see cref="Parse"/>, and keeps libtorch from spreading one operation over several threads: that slows small networks down, and the
    /// threads are used for environments and for whole updates.
    /// </summary>
    public static Placement ForTraining(string name)
    {
        Placement placement = Parse(name);
        set_num_threads(1);
        return placement;
    }

    /// <summary>A tensor with these values on the device.</summary>
    public Tensor Tensor(float[] values, params long[] shape) => tensor(values, shape, dtype: Type, device: Device);

    /// <summary>A tensor with these values on the device.</summary>
    public Tensor Tensor(double[] values, params long[] shape) => tensor(values, shape, dtype: Type, device: Device);

    /// <summary>Row numbers for <c>index_select</c>.</summary>
    public Tensor Index(long[] values) => tensor(values, dtype: ScalarType.Int64, device: Device);
}
