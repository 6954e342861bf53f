namespace Microsoft.ML.Data;

/// <summary>What is said of a column that a schema lacks or has with another type.</summary>
internal static class Errors
{
    public static ArgumentOutOfRangeException MissingColumn(string parameter, string role, string column) =>
        new(parameter, $"Could not find {Role(role)}column '{column}'");

    public static ArgumentOutOfRangeException MistypedColumn(string parameter, string role, string column, string expected, string actual) =>
        new(parameter, $"Schema mismatch for {Role(role)}column '{column}': expected {expected}, got {actual}");

    private static string Role(string role) => role.Length == 0 ? "" : role + " ";
}
