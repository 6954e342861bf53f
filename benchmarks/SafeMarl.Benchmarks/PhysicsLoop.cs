using System.Diagnostics;
using System.Globalization;
using SafeMarl.Environments.Mujoco;

namespace SafeMarl.Benchmarks;

/// <summary>The physics alone: a model under random actions in a C program, what every ratio is taken against.</summary>
/// <param name="name">Name of the model's file.</param>
/// <param name="document">The model.</param>
/// <param name="substeps">Integrator steps of a control step.</param>
/// <param name="agentActions">Controls that are actions; one more is the moving wall's.</param>
internal sealed class PhysicsLoop(string name, string document, int substeps, int agentActions)
{
    private readonly string _model = Write(name, document);

    /// <summary>The task of the whole-run reports.</summary>
    public static PhysicsLoop OfCheetah { get; } = new("half_cheetah", HalfCheetahModel.Document(), substeps: 5, agentActions: 6);

    /// <summary>Environment steps per second.</summary>
    public double Measure(int threads, int environmentsPerThread, int stepsPerThread)
    {
        string[] arguments = [_model, $"{substeps}", $"{agentActions}", $"{threads}", $"{environmentsPerThread}", $"{stepsPerThread}"];
        using Process process = Process.Start(new ProcessStartInfo(Find(), arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? double.Parse(output, CultureInfo.InvariantCulture) : throw new InvalidOperationException("The physics loop failed.");
    }

    private static string Write(string name, string document)
    {
        string path = Path.Combine(Path.GetTempPath(), $"safemarl_{name}.xml");
        File.WriteAllText(path, document);
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
