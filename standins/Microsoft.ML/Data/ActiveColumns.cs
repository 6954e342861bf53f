namespace Microsoft.ML.Data;

/// <summary>The columns of a schema that a row was asked to make readable.</summary>
internal sealed class ActiveColumns
{
    private readonly bool[] _active;

    public ActiveColumns(DataViewSchema schema, IEnumerable<DataViewSchema.Column> needed)
    {
        ArgumentNullException.ThrowIfNull(needed);
        _active = new bool[schema.Count];
        foreach (DataViewSchema.Column column in needed)
            _active[schema[column.Index].Index] = true;
    }

    public bool this[DataViewSchema.Column column] => _active[column.Index];
    public bool this[int index] => _active[index];

    public void Check(DataViewSchema.Column column)
    {
        if ((uint)column.Index >= (uint)_active.Length || !_active[column.Index])
            throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column.Name}' is not active.");
    }
}
