using System.Diagnostics;

namespace SafeMarl.ML.Tests.Support;

/// <summary>A file system that is soon full, where this process may mount one.</summary>
internal static class SmallFileSystem
{
    /// <summary>Mounts one of so many bytes; null when that is not allowed.</summary>
    public static string? Mount(int bytes)
    {
        string path = Directory.CreateTempSubdirectory("safemarl-small").FullName;
        if (Run("mount", "-t", "tmpfs", "-o", $"size={bytes}", "tmpfs", path))
            return path;
        Directory.Delete(path);
        return null;
    }

    public static void Unmount(string path)
    {
        Run("umount", path);
        Directory.Delete(path);
    }

    private static bool Run(string command, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
