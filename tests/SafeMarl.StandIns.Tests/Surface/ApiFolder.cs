namespace SafeMarl.StandIns.Tests.Surface;

/// <summary>The recorded surface of the official packages, where it is at hand: SAFEMARL_API, or shared/api beside the repository.</summary>
internal static class ApiFolder
{
    /// <summary>The lines of all files that match the pattern; skips the test when there is no folder.</summary>
    public static HashSet<string> Lines(string pattern)
    {
        string? folder = Find();
        if (folder is null)
            Assert.Ignore("No recorded API at hand: set SAFEMARL_API to the folder that holds it, or put it at shared/api beside the repository.");
        string[] files = Directory.GetFiles(folder!, pattern);
        Assert.That(files, Is.Not.Empty, $"{folder} holds no {pattern}");
        return [.. files.SelectMany(File.ReadLines)];
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("SAFEMARL_API") is { Length: > 0 } named)
            return named;
        for (DirectoryInfo? root = new(AppContext.BaseDirectory); root?.Parent is not null; root = root.Parent)
        {
            string folder = Path.Combine(root.Parent.FullName, "shared", "api");
            if (Directory.Exists(folder))
                return folder;
        }
        return null;
    }
}
