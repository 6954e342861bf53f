using System.Globalization;
using System.Xml.Linq;

namespace SafeMarl.Samples;

/// <summary>A point of a curve: the middle of what was found there and the band around it (all equal for a single number).</summary>
internal sealed record CurvePoint(double X, double Middle, double Low, double High);

/// <summary>A curve with its name.</summary>
internal sealed record Curve(string Name, IReadOnlyList<CurvePoint> Points);

/// <summary>A picture of one quantity over another.</summary>
/// <param name="Title">What is drawn.</param>
/// <param name="XTitle">What it is drawn over.</param>
/// <param name="Curves">The curves.</param>
/// <param name="Limit">A dashed line that the curves should stay below.</param>
/// <param name="Diagonal">Whether the curves should lie on the diagonal, which is drawn too; otherwise the picture begins at 0.</param>
internal sealed record ChartPanel(string Title, string XTitle, IReadOnlyList<Curve> Curves, double? Limit = null, bool Diagonal = false)
{
    /// <summary>A quantity over the steps of a run.</summary>
    public static ChartPanel OverSteps(string title, IReadOnlyList<Curve> curves, double? limit = null) => new(title, "environment steps", curves, limit);
}

/// <summary>Draws curves as an SVG file that any browser shows.</summary>
internal static class Chart
{
    private const int PanelWidth = 560, PanelHeight = 340, Left = 70, Right = 20, Top = 40, Bottom = 50, LegendHeight = 20, LetterWidth = 8;

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";
    private static readonly string[] Colors = ["#1b6ca8", "#d1495b", "#2e933c", "#8d6a9f", "#e08e0b", "#4a4a4a", "#12a5b5", "#8a4b14"];

    /// <summary>Writes the panels side by side.</summary>
    public static void Write(string path, string title, IReadOnlyList<ChartPanel> panels)
    {
        string[] names = [.. panels.SelectMany(p => p.Curves).Select(c => c.Name).Distinct()];
        int legendWidth = 60 + LetterWidth * names.Select(n => n.Length).DefaultIfEmpty(0).Max();
        int width = panels.Count * PanelWidth, inRow = Math.Max(1, (width - Left) / legendWidth), height = PanelHeight + 10 + LegendHeight * ((names.Length + inRow - 1) / inRow);
        var root = Element("svg", ("viewBox", $"0 0 {width} {height}"), ("font-family", "sans-serif"), ("font-size", "13"), ("width", $"{width}"), ("height", $"{height}"));
        root.Add(Element("title", title), Element("rect", ("width", "100%"), ("height", "100%"), ("fill", "white")));
        for (int i = 0; i < panels.Count; i++)
            root.Add(Panel(panels[i], i * PanelWidth, name => ColorOf(names, name)));
        for (int i = 0; i < names.Length; i++)
        {
            int x = Left + i % inRow * legendWidth, y = PanelHeight + i / inRow * LegendHeight;
            root.Add(Element("rect", ("x", $"{x}"), ("y", $"{y + 4}"), ("width", "22"), ("height", "4"), ("fill", ColorOf(names, names[i]))));
            root.Add(Element("text", names[i], ("x", $"{x + 28}"), ("y", $"{y + 11}")));
        }
        new XDocument(root).Save(path);
    }

    private static string ColorOf(string[] names, string name) => Colors[Array.IndexOf(names, name) % Colors.Length];

    private static XElement Panel(ChartPanel panel, int offset, Func<string, string> colorOf)
    {
        CurvePoint[] all = [.. panel.Curves.SelectMany(c => c.Points)];
        double minX = panel.Diagonal ? all.Select(p => p.X).DefaultIfEmpty(0).Min() : 0, maxX = all.Select(p => p.X).DefaultIfEmpty(1).Max();
        maxX = Math.Max(maxX, minX + 1e-9);
        double low = Math.Min(all.Select(p => p.Low).DefaultIfEmpty(0).Min(), panel.Limit ?? double.MaxValue);
        double high = Math.Max(all.Select(p => p.High).DefaultIfEmpty(1).Max(), panel.Limit ?? double.MinValue);
        double margin = Math.Max(1e-9, 0.05 * (high - low));
        (low, high) = (low - margin, high + margin);
        double X(double x) => Left + (x - minX) / (maxX - minX) * (PanelWidth - Left - Right);
        double Y(double value) => Top + (high - value) / (high - low) * (PanelHeight - Top - Bottom);

        var group = Element("g", ("transform", $"translate({offset},0)"));
        group.Add(Element("text", panel.Title, ("x", $"{Left}"), ("y", "24"), ("font-size", "15"), ("font-weight", "bold")));
        foreach (double tick in Ticks(low, high))
        {
            group.Add(Line(Left, Y(tick), PanelWidth - Right, Y(tick), "#e4e4e4"));
            group.Add(Element("text", Short(tick), ("x", $"{Left - 8}"), ("y", N(Y(tick) + 4)), ("text-anchor", "end"), ("fill", "#555")));
        }
        foreach (double tick in Ticks(minX, maxX))
            group.Add(Element("text", Short(tick), ("x", N(X(tick))), ("y", $"{PanelHeight - Bottom + 20}"), ("text-anchor", "middle"), ("fill", "#555")));
        group.Add(Element("text", panel.XTitle, ("x", N((Left + PanelWidth - Right) / 2.0)), ("y", $"{PanelHeight - 12}"), ("text-anchor", "middle"), ("fill", "#555")));
        foreach (Curve curve in panel.Curves)
        {
            (IReadOnlyList<CurvePoint> points, string color) = (curve.Points, colorOf(curve.Name));
            if (points.Any(p => p.High > p.Low))
            {
                string band = string.Join(' ', points.Select(p => $"{N(X(p.X))},{N(Y(p.High))}").Concat(points.Reverse().Select(p => $"{N(X(p.X))},{N(Y(p.Low))}")));
                group.Add(Element("polygon", ("points", band), ("fill", color), ("opacity", "0.18")));
            }
            group.Add(Element("polyline", ("points", string.Join(' ', points.Select(p => $"{N(X(p.X))},{N(Y(p.Middle))}"))), ("fill", "none"), ("stroke", color), ("stroke-width", "2")));
        }
        if (panel.Diagonal)
            group.Add(Dashed(X(Math.Max(minX, low)), Y(Math.Max(minX, low)), X(Math.Min(maxX, high)), Y(Math.Min(maxX, high))));
        if (panel.Limit is { } limit)
        {
            group.Add(Dashed(Left, Y(limit), PanelWidth - Right, Y(limit)), Element("text", $"limit {Short(limit)}", ("x", $"{Left + 6}"), ("y", N(Y(limit) - 5)), ("fill", "#222")));
        }
        return group;
    }

    private static IEnumerable<double> Ticks(double low, double high)
    {
        double raw = (high - low) / 5, magnitude = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        double step = new[] { 1, 2, 5, 10 }.Select(m => m * magnitude).First(s => s >= raw);
        for (double tick = Math.Ceiling(low / step) * step; tick <= high; tick += step)
            yield return Math.Round(tick / step) * step + 0.0; // no -0
    }

    private static string Short(double value) => Math.Abs(value) switch
    {
        >= 1e6 => $"{value / 1e6:0.##}M",
        >= 1e4 => $"{value / 1e3:0.##}k",
        _ => value.ToString("0.##", CultureInfo.InvariantCulture),
    };

    private static XElement Line(double x1, double y1, double x2, double y2, string color) =>
        Element("line", ("x1", N(x1)), ("y1", N(y1)), ("x2", N(x2)), ("y2", N(y2)), ("stroke", color));

    private static XElement Dashed(double x1, double y1, double x2, double y2)
    {
        XElement line = Line(x1, y1, x2, y2, "#222");
        line.Add(new XAttribute("stroke-dasharray", "6 4"));
        return line;
    }

    private static string N(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);

    private static XElement Element(string name, params (string Name, string Value)[] attributes) =>
        new(Svg + name, attributes.Select(a => new XAttribute(a.Name, a.Value)));

    private static XElement Element(string name, string text, params (string Name, string Value)[] attributes)
    {
        XElement element = Element(name, attributes);
        element.Value = text;
        return element;
    }
}
