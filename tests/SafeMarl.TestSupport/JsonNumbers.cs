using System.Text.Json;

namespace SafeMarl.TestSupport;

/// <summary>Numbers of golden data; "NaN" and the infinities are written as strings there.</summary>
public static class JsonNumbers
{
    public static double Number(this JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Number => element.GetDouble(),
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        JsonValueKind.String => double.Parse(element.GetString()!, System.Globalization.CultureInfo.InvariantCulture),
        _ => throw new FormatException($"Not a number: {element}"),
    };

    public static double Number(this JsonElement element, string property) => element.GetProperty(property).Number();

    public static double? NumberOrNull(this JsonElement element, string property) =>
        element.GetProperty(property) is { ValueKind: not JsonValueKind.Null } value ? value.Number() : null;

    /// <summary>All numbers of a nested array in row-major order.</summary>
    public static double[] Numbers(this JsonElement element) => element.ValueKind == JsonValueKind.Array
        ? [.. element.EnumerateArray().SelectMany(Numbers)]
        : [element.Number()];

    public static double[] Numbers(this JsonElement element, string property) => element.GetProperty(property).Numbers();

    /// <summary>The sizes of a nested array.</summary>
    public static long[] Shape(this JsonElement element) => element.ValueKind == JsonValueKind.Array
        ? element.GetArrayLength() == 0 ? [0] : [element.GetArrayLength(), .. element[0].Shape()]
        : [];
}
