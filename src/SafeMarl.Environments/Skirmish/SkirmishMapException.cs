namespace SafeMarl.Environments.Skirmish;

/// <summary>A map file that cannot be played. The message names the file, the field, its value and what is allowed.</summary>
public sealed class SkirmishMapException : EnvironmentException
{
    /// <summary>A field of a file has a value that is not allowed.</summary>
    /// <param name="file">The file.</param>
    /// <param name="field">Path of the field within it, such as <c>groups[1].units.marine</c>; empty for the whole file.</param>
    /// <param name="problem">The value and what is allowed instead.</param>
    /// <param name="inner">The cause, if there is one.</param>
    public SkirmishMapException(string file, string field, string problem, Exception? inner = null)
        : base($"Map '{file}': {(field is "" ? "" : $"{field} ")}{problem}", inner) => (File, Field) = (file, field);

    /// <summary>The file.</summary>
    public string File { get; }

    /// <summary>Path of the field within the file; empty for the whole file.</summary>
    public string Field { get; }
}
