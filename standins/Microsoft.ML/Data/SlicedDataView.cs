namespace Microsoft.ML.Data;

/// <summary>The rows of a view after the first ones, or only the first ones. The source is never moved past the last row that is shown.</summary>
internal sealed class SlicedDataView(IDataView source, long skip, long take) : IDataView
{
    public DataViewSchema Schema => source.Schema;
    public bool CanShuffle => false;
    public long? GetRowCount() => source.GetRowCount() is { } count ? Math.Min(Math.Max(count - skip, 0), take) : null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewRowCursor cursor = source.GetRowCursor(columnsNeeded);
        long toSkip = skip;
        long toTake = take;
        return new FollowingCursor(cursor, MoveNext, cursor, skip);

        bool MoveNext()
        {
            if (toTake-- == 0)
                return false;
            while (toSkip > 0 && cursor.MoveNext())
                toSkip--;
            return toSkip == 0 && cursor.MoveNext();
        }
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];
}
