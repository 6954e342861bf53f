using System.Diagnostics;
using System.Globalization;
using SafeMarl.Environments.Mujoco;

namespace SafeMarl.Benchmarks;

/// <summary>The physics alone: the cheetah under random actions in a C program, what every ratio is taken against.</summary>
internal static class PhysicsLoop
{
    private const int Substeps = 5, AgentActions = 6;

    private static readonly string Model = WriteModel();

    /// <summary>Environment steps per second.</summary>
    public static double Measure(int threads, int stepsPerThread)
    {
        string[] arguments = [Model, $"{Substeps}", $"{AgentActions}", $"{threads}", $"{Cheetah.Environments / threads}", $"{stepsPerThread}"];
        using Process process = Process.Start(new ProcessStartInfo(Find(), arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? double.Parse(output, CultureInfo.InvariantCulture) : throw new InvalidOperationException("The physics loop failed.");
    }

    private static string WriteModel()
    {
        string path = Path.Combine(Path.GetTempPath(), "safemarl_half_cheetah.xml");
        File.WriteAllText(path, HalfCheetahModel.Document());
        return path;
    }

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "native", "build", "physics_loop");
            if (File.Exists(path))
                return path;
        }
        throw new FileNotFoundException("native/build/physics_loop is missing: run eng/setup.sh.");
    }
}
