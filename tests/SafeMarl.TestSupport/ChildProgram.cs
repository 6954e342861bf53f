using System.Diagnostics;

namespace SafeMarl.TestSupport;

/// <summary>A program of this repository that tests run in a process of its own, in the configuration that they were built in.</summary>
/// <param name="Project">Folder of its project, from the repository's root.</param>
/// <param name="Assembly">Name of its assembly.</param>
public sealed record ChildProgram(string Project, string Assembly)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>What tests need a process for: to be killed, to run without libtorch, to compare bits with another.</summary>
    public static ChildProgram TestHost { get; } = new("tests/SafeMarl.TestHost", "SafeMarl.TestHost");

    /// <summary>The command line.</summary>
    public static ChildProgram Cli { get; } = new("samples/SafeMarl.Cli", "safemarl");

    /// <summary>The first sample.</summary>
    public static ChildProgram QuickStart { get; } = new("samples/QuickStart", "QuickStart");

    /// <summary>A task of one's own.</summary>
    public static ChildProgram CustomTask { get; } = new("samples/CustomTask", "CustomTask");

    /// <summary>Starts the program. The caller disposes the process.</summary>
    public Process Start(IReadOnlyDictionary<string, string>? environment, params string[] arguments) => Start(environment, null, arguments);

    /// <summary>Runs the program to its end and gives its output lines; its failure fails the test.</summary>
    public string[] Run(IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        (int exitCode, string output) = RunToExit(environment, null, arguments);
        Assert.That(exitCode, Is.Zero, $"{string.Join(' ', arguments)}\n{output}");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Runs the program to its end, whatever comes of it.</summary>
    /// <param name="environment">Environment variables beside those of this process.</param>
    /// <param name="folder">Working directory; null: that of this process.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>The exit code, and what it wrote (errors last).</returns>
    public (int ExitCode, string Output) RunToExit(IReadOnlyDictionary<string, string>? environment, string? folder, params string[] arguments)
    {
        using Process process = Start(environment, folder, arguments);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        Assert.That(process.WaitForExit(Limit), Is.True, $"{Assembly} did not end");
        return (process.ExitCode, output + errors.Result);
    }

    private Process Start(IReadOnlyDictionary<string, string>? environment, string? folder, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? "" };
        start.ArgumentList.Add(AssemblyPath());
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private string AssemblyPath()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)); // .../tests/PROJECT/bin/CONFIGURATION/FRAMEWORK
        string root = output.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(root, Project, "bin", output.Parent!.Name, output.Name, $"{Assembly}.dll");
    }
}
