using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Runtime.Loader;
using static TorchSharp.torch;

namespace SafeMarl.StandIns.Tests.Torch;

/// <summary>A second copy of the assembly in a load context of its own looks for its native library anew.</summary>
public sealed class NativeLoaderTests
{
    private const string PathVariable = "SAFEMARL_TORCH_LIBRARY";

    private string? _before;

    [SetUp]
    public void Remember() => _before = Environment.GetEnvironmentVariable(PathVariable);

    [TearDown]
    public void Restore() => Environment.SetEnvironmentVariable(PathVariable, _before);

    [Test]
    public void Library_ThatDoesNotExist_IsAskedForByTheFirstOperationOnly()
    {
        Environment.SetEnvironmentVariable(PathVariable, "/nowhere/libsafemarl_torch.so");
        Assembly copy = FreshCopy();
        foreach (Type type in copy.GetExportedTypes().Where(t => !t.ContainsGenericParameters))
            System.Runtime.CompilerServices.RuntimeHelpers.RunClassConstructor(type.TypeHandle);
        object device = copy.GetType("TorchSharp.torch")!.GetMethod("device", [typeof(string)])!.Invoke(null, ["cuda:0"])!;
        Assert.That(device.ToString(), Is.EqualTo("cuda:0"));
        Assert.That(copy.GetType("TorchSharp.torch")!.GetField("float32")!.GetValue(null)!.ToString(), Is.EqualTo("Float32"));

        Exception error = FailureOfFirstOperation(copy);
        Assert.That(error, Is.InstanceOf<DllNotFoundException>());
        Assert.That(error.Message, Does.Contain("/nowhere/libsafemarl_torch.so").And.Contain(PathVariable).And.Contain("eng/setup.sh").And.Contain("libtorch-dev"));
        Assert.That(FailureOfFirstOperation(copy).Message, Is.EqualTo(error.Message), "and again for the next one");
    }

    [Test]
    public void Library_OfAnotherKind_IsRefused()
    {
        Environment.SetEnvironmentVariable(PathVariable, "libc.so.6");
        Exception error = FailureOfFirstOperation(FreshCopy());
        Assert.That(error, Is.InstanceOf<DllNotFoundException>());
        Assert.That(error.Message, Does.Contain("libc.so.6 is not the native library"));
    }

    [Test]
    public void Library_NamedByItsFullPath_IsUsed()
    {
        Environment.SetEnvironmentVariable(PathVariable, Path.Combine(AppContext.BaseDirectory, "libsafemarl_torch.so"));
        Assert.That(FirstOperation(FreshCopy()), Is.GreaterThanOrEqualTo(1));
    }

    [Test]
    public void Blas_AfterLoading_FindsItsSettingsInTheNativeEnvironment()
    {
        zeros([1]).Dispose();
        Assert.That(NativeVariable("OPENBLAS_NUM_THREADS"), Is.EqualTo(Environment.GetEnvironmentVariable("OPENBLAS_NUM_THREADS") ?? "1"));
        bool hasAvx512 = Avx512F.IsSupported && Avx512F.VL.IsSupported && Avx512BW.IsSupported && Avx512DQ.IsSupported;
        Assert.That(NativeVariable("OPENBLAS_CORETYPE"), Is.EqualTo(Environment.GetEnvironmentVariable("OPENBLAS_CORETYPE") ?? (hasAvx512 ? "SkylakeX" : null)));

        [DllImport("libc", EntryPoint = "getenv")]
        static extern nint GetEnv(byte[] name);

        static string? NativeVariable(string name) => Marshal.PtrToStringUTF8(GetEnv([.. System.Text.Encoding.UTF8.GetBytes(name), 0]));
    }

    private static Assembly FreshCopy() => new AssemblyLoadContext("TorchSharp copy").LoadFromAssemblyPath(typeof(Tensor).Assembly.Location);

    private static object? FirstOperation(Assembly copy) => copy.GetType("TorchSharp.torch")!.GetMethod("get_num_threads")!.Invoke(null, []);

    private static Exception FailureOfFirstOperation(Assembly copy) =>
        Assert.Throws<TargetInvocationException>(() => FirstOperation(copy))!.InnerException!;
}
