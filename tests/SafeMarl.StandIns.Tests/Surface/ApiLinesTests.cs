namespace SafeMarl.StandIns.Tests.Surface;

/// <summary>The lines themselves, on declarations that the stand-ins do not have.</summary>
internal sealed class ApiLinesTests
{
    [Test]
    public void Of_AnAssemblyWithKnownDeclarations_WritesTheLinesOfTheFormat()
    {
        IReadOnlyList<string> lines = ApiLines.Of(typeof(ApiLinesTests).Assembly);
        const string Sample = "SafeMarl.StandIns.Tests.Surface.ApiSample";

        string[] expected =
        [
            $"F:{Sample}.Limit : int = 3 {{const}}",
            $"M:{Sample}..ctor() {{protected obsolete}}", // the compiler marks it so: it has required members
            $"M:{Sample}.Add(in int left, ref float right, out string text, params double[] rest) -> void {{static}}",
            $"M:{Sample}.Choose<TItem>(TItem[,] items = null, System.DayOfWeek day = System.DayOfWeek.Monday, float? weight = null, string name = \"a\\n\") -> TItem"
                + " where TItem : struct {virtual}",
            $"M:{Sample}.ToString() -> string {{sealed override}}",
            $"P:{Sample}.Item[int index] : int {{ get; }} {{abstract}}",
            $"P:{Sample}.Name : string {{ get; init; }} {{required}}",
            $"P:{Sample}.Size : int {{ get; protected set; }}",
            $"T:{Sample} : System.IDisposable {{class abstract}}",
            $"T:{Sample}.Pair<T> where T : System.IComparable<T>, new() {{struct readonly}}",
        ];

        Assert.That(lines, Is.SupersetOf(expected));
    }
}

public abstract class ApiSample : IDisposable
{
    public const int Limit = 3;

    protected ApiSample()
    {
    }

    public required string Name { get; init; }

    public int Size { get; protected set; }

    public abstract int this[int index] { get; }

    public static void Add(in int left, ref float right, out string text, params double[] rest)
    {
        right += left + rest.Length;
        text = "";
    }

    public virtual TItem Choose<TItem>(TItem[,]? items = null, DayOfWeek day = DayOfWeek.Monday, float? weight = null, string name = "a\n")
        where TItem : struct => default;

    public sealed override string ToString() => Name;

    public void Dispose() => GC.SuppressFinalize(this);

    public readonly struct Pair<T>
        where T : IComparable<T>, new();
}
