#nullable disable
using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>Making views from objects and objects from views.</summary>
public sealed class DataOperationsCatalog
{
    internal DataOperationsCatalog() { }

    public IDataView LoadFromEnumerable<TRow>(IEnumerable<TRow> data, SchemaDefinition schemaDefinition = null)
        where TRow : class
    {
        ArgumentNullException.ThrowIfNull(data);
        return new EnumerableDataView<TRow>(data, RowColumn.Of<TRow>(schemaDefinition, SchemaDefinition.Direction.Read));
    }

    public IDataView LoadFromEnumerable<TRow>(IEnumerable<TRow> data, DataViewSchema schema)
        where TRow : class
    {
        ArgumentNullException.ThrowIfNull(schema);
        return LoadFromEnumerable(data, DefinitionWithAnnotations<TRow>(schema));
    }

    public IEnumerable<TRow> CreateEnumerable<TRow>(IDataView data, bool reuseRowObject, bool ignoreMissingColumns = false,
        SchemaDefinition schemaDefinition = null)
        where TRow : class, new()
    {
        ArgumentNullException.ThrowIfNull(data);
        RowColumn[] columns = RowColumn.Of<TRow>(schemaDefinition, SchemaDefinition.Direction.Write);
        return Enumerate(data, new RowFiller<TRow>(data.Schema, columns, ignoreMissingColumns), reuseRowObject);
    }

    public IDataView TakeRows(IDataView input, long count) => Slice(input, 0, count, count);
    public IDataView SkipRows(IDataView input, long count) => Slice(input, count, long.MaxValue, count);

    // A row class says what the columns are; the schema adds what a class cannot say.
    internal static SchemaDefinition DefinitionWithAnnotations<TRow>(DataViewSchema schema)
    {
        var definition = SchemaDefinition.Create(typeof(TRow), SchemaDefinition.Direction.Read);
        foreach (DataViewSchema.Column column in schema)
        {
            SchemaDefinition.Column member = definition.Find(c => c.ColumnName == column.Name)
                ?? throw new InvalidOperationException($"{typeof(TRow).Name} should contain a member for column '{column.Name}'.");
            member.AddAnnotations(column.Annotations);
        }
        return definition;
    }

    private static IDataView Slice(IDataView input, long skip, long take, long count)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new SlicedDataView(input, skip, take);
    }

    private static IEnumerable<TRow> Enumerate<TRow>(IDataView data, RowFiller<TRow> filler, bool reuseRowObject)
        where TRow : class, new()
    {
        using DataViewRowCursor cursor = data.GetRowCursor(filler.Sources);
        Action<TRow> fill = filler.Bind(cursor);
        TRow row = null;
        while (cursor.MoveNext())
        {
            if (row is null || !reuseRowObject)
                row = new TRow();
            fill(row);
            yield return row;
        }
    }
}
