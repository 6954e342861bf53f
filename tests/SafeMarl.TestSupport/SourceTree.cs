using System.Runtime.CompilerServices;

namespace SafeMarl.TestSupport;

/// <summary>The repository's own source files, for tests about the code itself.</summary>
public static class SourceTree
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "..", ".."));

    public static string[] Files(string folder, string pattern = "*.cs") => [.. Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
        .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal) && !f.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)];

    private static string Here([CallerFilePath] string path = "") => path;
}
