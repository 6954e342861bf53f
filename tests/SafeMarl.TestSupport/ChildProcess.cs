using System.Diagnostics;

namespace SafeMarl.TestSupport;

/// <summary>Runs the test host in a process of its own.</summary>
public static class ChildProcess
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Starts the test host. The caller disposes the process.</summary>
    public static Process Start(IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(HostPath());
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Runs the test host to its end and gives its output lines; its failure fails the test.</summary>
    public static string[] Run(IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        using Process process = Start(environment, arguments);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        Assert.That(process.WaitForExit(Limit), Is.True, "the test host did not end");
        Assert.That(process.ExitCode, Is.Zero, $"{string.Join(' ', arguments)}\n{output}\n{errors.Result}");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    // Beside this assembly's project, in the same configuration.
    private static string HostPath()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)); // .../tests/PROJECT/bin/CONFIGURATION/FRAMEWORK
        string tests = output.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(tests, "SafeMarl.TestHost", "bin", output.Parent!.Name, output.Name, "SafeMarl.TestHost.dll");
    }
}
