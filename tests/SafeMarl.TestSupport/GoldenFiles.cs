using System.Text.Json;

namespace SafeMarl.TestSupport;

/// <summary>
/// Golden data by kind: every file of a kind in the test project's <c>Fixtures/FOLDER</c> and in the same folder under
/// <c>$SAFEMARL_FIXTURES</c>. The kind of a file is its name up to what numbers or names the case.
/// </summary>
public static class GoldenFiles
{
    public const string Variable = "SAFEMARL_FIXTURES";

    /// <summary>One test case per file, named by the file.</summary>
    public static IEnumerable<TestCaseData> Cases(string folder, string kind)
    {
        foreach (string path in Paths(folder, kind))
            yield return new TestCaseData(path).SetArgDisplayNames($"{kind}: {Path.GetFileName(Path.GetDirectoryName(path))}/{Path.GetFileName(path)}{(IsHeldBack(path) ? " (held back)" : "")}");
    }

    public static JsonElement Read(string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
        return document.RootElement.Clone();
    }

    private static IEnumerable<string> Paths(string folder, string kind)
    {
        string[] roots = [Path.Combine(AppContext.BaseDirectory, "Fixtures"), .. Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } more ? [more] : Array.Empty<string>()];
        return roots.Select(root => Path.Combine(root, folder)).Where(Directory.Exists)
            .SelectMany(directory => Directory.EnumerateFiles(directory, "*.json"))
            .Where(path => IsOfKind(Path.GetFileNameWithoutExtension(path), kind))
            .Order(StringComparer.Ordinal);
    }

    private static bool IsOfKind(string name, string kind) => name == kind || name.StartsWith(kind + "_", StringComparison.Ordinal);

    private static bool IsHeldBack(string path) => !path.StartsWith(AppContext.BaseDirectory, StringComparison.Ordinal);
}
