using System.Globalization;
using System.Xml.Linq;

namespace SafeMarl.Environments.Mujoco;

/// <summary>Shorthand for writing MJCF elements with numbers in a form that MuJoCo reads back exactly.</summary>
internal static class Mjcf
{
    /// <summary>An element; a null attribute value leaves the attribute out.</summary>
    public static XElement Element(string tag, object? attributes = null, params IEnumerable<XElement> children)
    {
        var element = new XElement(tag);
        foreach (var property in attributes?.GetType().GetProperties() ?? [])
        {
            if (property.GetValue(attributes) is { } value)
                element.Add(new XAttribute(property.Name, Text(value)));
        }
        element.Add(children);
        return element;
    }

    /// <summary>A geom's <c>axisangle</c> for a rotation about +y, radians.</summary>
    public static double[] AboutY(double angle) => [0, 1, 0, angle];

    private static string Text(object value) => value switch
    {
        bool b => b ? "true" : "false",
        double d => d.ToString("R", CultureInfo.InvariantCulture),
        double[] vector => string.Join(' ', vector.Select(x => x.ToString("R", CultureInfo.InvariantCulture))),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
