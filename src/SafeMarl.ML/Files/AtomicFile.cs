namespace SafeMarl.ML.Files;

/// <summary>Files and folders that appear whole or not at all: written beside, flushed to disk, then renamed into place.</summary>
internal static class AtomicFile
{
    /// <summary>Writes a file; an existing one is replaced at the end or, when anything fails, left as it was.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Makes a folder with what <paramref name="write"/> puts into it. The folder must not exist.</summary>
    public static void WriteFolder(string path, Action<string> write)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(temporary);
            write(temporary);
            Directory.Move(temporary, path);
        }
        finally
        {
            if (Directory.Exists(temporary))
                Directory.Delete(temporary, recursive: true);
        }
    }
}
