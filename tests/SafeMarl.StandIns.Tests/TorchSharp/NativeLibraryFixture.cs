using System.Reflection;

namespace SafeMarl.StandIns.Tests.Torch;

/// <summary>
/// With the official packages, set-up builds no libtorch shim for the stand-in, and these tests have nothing to run on; in stand-in mode a
/// missing shim is a failure.
/// </summary>
[SetUpFixture]
public sealed class NativeLibraryFixture
{
    [OneTimeSetUp]
    public void SkipWithoutShimInNugetMode()
    {
        string? mode = typeof(NativeLibraryFixture).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "DependencyMode").Value;
        if (mode == "nuget" && !File.Exists(Path.Combine(AppContext.BaseDirectory, "libsafemarl_torch.so")))
            Assert.Ignore("The official packages are in use, and the stand-in's shim is not built.");
    }
}
