#nullable disable
namespace Microsoft.ML.Data;

/// <summary>The values of one column as a sequence.</summary>
public static class ColumnCursorExtensions
{
    public static IEnumerable<T> GetColumn<T>(this IDataView data, string columnName) => GetColumn<T>(data, data.Schema[columnName]);

    public static IEnumerable<T> GetColumn<T>(this IDataView data, DataViewSchema.Column column)
    {
        ArgumentNullException.ThrowIfNull(data);
        DataViewSchema.Column actual = data.Schema[column.Index];
        if (actual.Name != column.Name || !actual.Type.Equals(column.Type))
            throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column.Name}' of type {column.Type} is not column {column.Index} of the view.");
        if (column.Type.RawType == typeof(T))
            return Read<T, T>(data, column, static value => value);
        if (typeof(T) == typeof(string) && column.Type is TextDataViewType)
            return (IEnumerable<T>)Read<ReadOnlyMemory<char>, string>(data, column, static text => text.ToString());
        if (column.Type is VectorDataViewType { ItemType: var item } && typeof(T).IsArray)
        {
            if (typeof(T) == typeof(string[]) && item is TextDataViewType)
                return (IEnumerable<T>)Read<VBuffer<ReadOnlyMemory<char>>, string[]>(data, column, static texts => [.. texts.DenseValues().Select(t => t.ToString())]);
            if (typeof(T).GetElementType() == item.RawType)
                return Generic.Invoke<IEnumerable<T>>(ReadArrays<int>, [item.RawType], data, column);
        }
        throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column.Name}' of type {column.Type} cannot be read as {typeof(T)}.");
    }

    private static IEnumerable<T[]> ReadArrays<T>(IDataView data, DataViewSchema.Column column) =>
        Read<VBuffer<T>, T[]>(data, column, static values => [.. values.DenseValues()]);

    private static IEnumerable<TResult> Read<TValue, TResult>(IDataView data, DataViewSchema.Column column, Func<TValue, TResult> convert)
    {
        using DataViewRowCursor cursor = data.GetRowCursor([column]);
        ValueGetter<TValue> get = cursor.GetGetter<TValue>(column);
        TValue value = default;
        while (cursor.MoveNext())
        {
            get(ref value);
            yield return convert(value);
        }
    }
}
