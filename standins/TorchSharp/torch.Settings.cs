namespace TorchSharp;

public static partial class torch
{
    /// <summary>Intra-op threads of libtorch itself. OpenBLAS has its own number: OPENBLAS_NUM_THREADS.</summary>
    public static void set_num_threads(int num) => Native.Check(Native.smt_set_num_threads(num));

    public static int get_num_threads() => Native.smt_get_num_threads();

    /// <summary>Seeds the default generators of all devices.</summary>
    public static Generator manual_seed(long seed)
    {
        Native.Check(Native.smt_manual_seed(unchecked((ulong)seed)));
        return Generator.s_default;
    }

    /// <summary>The default generator, as <see cref="manual_seed"/> returns it.</summary>
    public class Generator : IDisposable
    {
        internal static readonly Generator s_default = new();

        private Generator()
        {
        }

        public void Dispose()
        {
        }
    }

    public static class cuda
    {
        public static bool is_available() => Native.smt_cuda_is_available();

        public static int device_count() => Native.smt_cuda_device_count();

        /// <summary>Waits for all work on a device.</summary>
        public static void synchronize(Device? device = null)
        {
            if (device is not null && device.type != DeviceType.CUDA)
                throw new ArgumentException($"{device} is not a CUDA device.", nameof(device));
            Native.Check(Native.smt_cuda_synchronize(device?.index ?? -1));
        }
    }
}
