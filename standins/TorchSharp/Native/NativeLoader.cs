using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace TorchSharp;

/// <summary>Finds and loads libsafemarl_torch when the first tensor operation needs it, and not before.</summary>
internal static unsafe partial class NativeLoader
{
    internal const string LibraryName = "safemarl_torch";
    internal const string PathVariable = "SAFEMARL_TORCH_LIBRARY";

    /// <summary>Must equal kAbiVersion in native/safemarl_torch/shim.h.</summary>
    private const int AbiVersion = 1;

    private const string Advice = "Run eng/setup.sh, which builds it against the libtorch of this machine (Debian and Ubuntu: apt-get install libtorch-dev), " +
        "or set " + PathVariable + " to the full path of a libsafemarl_torch.so.";

    private static readonly Lazy<nint> s_library = new(Load);

    // Not a static constructor of Native: that would put a check before every call.
    [ModuleInitializer]
    internal static void Install() =>
        NativeLibrary.SetDllImportResolver(typeof(NativeLoader).Assembly, (name, _, _) => name == LibraryName ? s_library.Value : 0);

    private static nint Load()
    {
        TuneBlas();
        TuneMalloc();
        (string path, nint library) = Open();
        if (!NativeLibrary.TryGetExport(library, "smt_abi_version", out nint export))
            throw new DllNotFoundException($"{path} is not the native library of this TorchSharp stand-in. {Advice}");
        int version = ((delegate* unmanaged<int>)export)();
        if (version != AbiVersion)
            throw new DllNotFoundException($"{path} has ABI version {version}, this TorchSharp stand-in needs {AbiVersion}. {Advice}");
        return library;
    }

    private static (string Path, nint Library) Open()
    {
        if (Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } chosen)
            return (chosen, OpenFile(chosen, $"{PathVariable} names {chosen}, which cannot be loaded"));

        Assembly assembly = typeof(NativeLoader).Assembly;
        string folder = Path.GetDirectoryName(assembly.Location) is { Length: > 0 } location ? location : AppContext.BaseDirectory;
        string file = Path.Combine(folder, OperatingSystem.IsWindows() ? "safemarl_torch.dll" : OperatingSystem.IsMacOS() ? "libsafemarl_torch.dylib" : "libsafemarl_torch.so");
        if (File.Exists(file))
            return (file, OpenFile(file, $"{file} cannot be loaded"));

        return NativeLibrary.TryLoad(LibraryName, assembly, null, out nint library) ? (LibraryName, library)
            : throw new DllNotFoundException(
                $"The native library {Path.GetFileName(file)} of the TorchSharp stand-in was found neither in {folder} nor on the library path. {Advice}");
    }

    private static nint OpenFile(string path, string complaint)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new DllNotFoundException($"{complaint}: {e.Message.TrimEnd()} {Advice}", e);
        }
    }

    /// <summary>
    /// Debian's OpenBLAS picks AVX2 kernels on processors newer than itself, and starts a thread per core. Both are read from the
    /// environment once, while the library loads, by native getenv, which Environment.SetEnvironmentVariable does not reach.
    /// </summary>
    private static void TuneBlas()
    {
        if (OperatingSystem.IsWindows())
            return;
        if (Avx512F.IsSupported && Avx512F.VL.IsSupported && Avx512BW.IsSupported && Avx512DQ.IsSupported)
            SetDefault("OPENBLAS_CORETYPE", "SkylakeX");
        SetDefault("OPENBLAS_NUM_THREADS", "1");
    }

    /// <summary>
    /// Keeps freed tensor memory in the process. glibc would give it back and take it again with every backward pass, which costs a page fault
    /// every 4 KB: a tenth of a training step, and more on several threads. What the process was started with stays.
    /// </summary>
    private static void TuneMalloc()
    {
        const int trimThreshold = -1, mmapThreshold = -3, largest = 1 << 30;
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable("MALLOC_TRIM_THRESHOLD_") is not null || Environment.GetEnvironmentVariable("MALLOC_MMAP_THRESHOLD_") is not null)
            return;
        try
        {
            _ = mallopt(trimThreshold, largest) + mallopt(mmapThreshold, largest);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library, which has other ways.
        }
    }

    private static void SetDefault(string variable, string value)
    {
        // A value that the process gave itself is passed on; one that it inherited stays.
        string? own = Environment.GetEnvironmentVariable(variable);
        setenv(variable, own ?? value, own is null ? 0 : 1);
    }

    [LibraryImport("libc")]
    private static partial int mallopt(int parameter, int value);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
