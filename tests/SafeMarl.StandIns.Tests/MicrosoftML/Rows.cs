using Microsoft.ML.Data;

namespace SafeMarl.StandIns.Tests.MicrosoftML;

internal sealed class Person
{
    public string? Name;

    [ColumnName("Years")]
    public int Age { get; set; }

    [VectorType(3)]
    public float[]? Position;

    [VectorType]
    public VBuffer<double> Weights;

    public bool IsTall;

    public long Id { get; set; }

    public ReadOnlyMemory<char> Note;

    [NoColumn]
    public object? Ignored { get; set; }

    public static Person[] Sample() =>
    [
        new() { Name = "Ada", Age = 36, Position = [1, 2, 3], Weights = new VBuffer<double>(2, [0.5, 1.5]), IsTall = true, Id = 1L << 40, Note = "first".AsMemory() },
        new() { Name = "Bo", Age = 7, Position = [4, 5, 6], Weights = new VBuffer<double>(4, 1, [2.5], [2]), Id = -1, Note = "second".AsMemory() },
    ];
}

/// <summary>What the policy of the mapping tests reads.</summary>
internal sealed class AgentRow
{
    public string AgentId = "";

    [VectorType]
    public float[] Observation = [];
}

internal sealed class ActionRow
{
    [VectorType]
    public float[]? Action;

    [ColumnName("Parameters")]
    public ReadOnlyMemory<char> Text;
}
