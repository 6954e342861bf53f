namespace Microsoft.ML.Data;

/// <summary>A cursor over a row that somebody else moves.</summary>
/// <param name="moveNext">Moves the row; not called again after it has said that there are no more.</param>
/// <param name="skipped">How many rows of the row's own count were passed over before the first.</param>
internal sealed class FollowingCursor(DataViewRow row, Func<bool> moveNext, IDisposable owner, long skipped = 0) : DataViewRowCursor
{
    private bool _ended;

    public override DataViewSchema Schema => row.Schema;
    public override long Position => _ended || row.Position < skipped ? -1 : row.Position - skipped;
    public override long Batch => row.Batch;
    public override bool IsColumnActive(DataViewSchema.Column column) => row.IsColumnActive(column);
    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => row.GetGetter<TValue>(column);
    public override ValueGetter<DataViewRowId> GetIdGetter() => row.GetIdGetter();

    public override bool MoveNext()
    {
        _ended = _ended || !moveNext();
        return !_ended;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            owner.Dispose();
    }
}
