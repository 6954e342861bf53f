namespace Microsoft.ML.Data;

/// <summary>Shows the objects of a sequence as rows; every cursor enumerates anew.</summary>
internal sealed class EnumerableDataView<TRow>(IEnumerable<TRow> rows, RowColumn[] columns) : IDataView
    where TRow : class
{
    public DataViewSchema Schema { get; } = RowColumn.Schema(columns);
    public bool CanShuffle => false;
    public long? GetRowCount() => (rows as ICollection<TRow>)?.Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var row = new ObjectRow<TRow>(columns, Schema, new ActiveColumns(Schema, columnsNeeded));
        IEnumerator<TRow> objects = rows.GetEnumerator();
        return new FollowingCursor(row, MoveNext, objects);

        bool MoveNext()
        {
            bool found = objects.MoveNext();
            if (found)
                row.MoveTo(objects.Current);
            else
                row.MoveOff();
            return found;
        }
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];
}
