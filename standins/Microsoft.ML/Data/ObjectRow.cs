namespace Microsoft.ML.Data;

/// <summary>Shows an object, and then the next one, as a row of columns.</summary>
internal sealed class ObjectRow<TRow> : DataViewRow
    where TRow : class
{
    private readonly Delegate[] _getters;
    private readonly ActiveColumns _active;
    private TRow? _current;
    private long _position = -1;

    public ObjectRow(RowColumn[] columns, DataViewSchema schema, ActiveColumns active)
    {
        Schema = schema;
        _active = active;
        _getters = [.. columns.Select(MakeGetter)];
    }

    public override DataViewSchema Schema { get; }
    public override long Position => _position;
    public override long Batch => 0;

    private TRow Current => _current ?? throw new InvalidOperationException("There is no current row, or it is null.");

    public void MoveTo(TRow row)
    {
        _current = row;
        _position++;
    }

    public void MoveOff()
    {
        _current = null;
        _position = -1;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => _active[column];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        _active.Check(column);
        return Getters.Typed<TValue>(_getters[column.Index], column);
    }

    public Delegate GetterOf(int index) => _getters[index];
    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);

    private Delegate MakeGetter(RowColumn column)
    {
        if (column.MemberType == typeof(string))
            return Text(column.Getter<TRow, string?>());
        if (column.MemberType == typeof(string[]))
            return Texts(column.Getter<TRow, string?[]?>());
        if (column.Column.Type is not VectorDataViewType vector)
            return Generic.Invoke<Delegate>(Scalar<int>, [column.MemberType], column);
        return Generic.Invoke<Delegate>(column.MemberType.IsArray ? FromArray<int> : FromBuffer<int>, [vector.ItemType.RawType], column);
    }

    private ValueGetter<ReadOnlyMemory<char>> Text(Func<TRow, string?> get) => (ref ReadOnlyMemory<char> value) => value = get(Current).AsMemory();

    private ValueGetter<VBuffer<ReadOnlyMemory<char>>> Texts(Func<TRow, string?[]?> get) => (ref VBuffer<ReadOnlyMemory<char>> value) =>
    {
        string?[] items = get(Current) ?? [];
        VBufferEditor<ReadOnlyMemory<char>> editor = VBufferEditor.Create(ref value, items.Length);
        for (int i = 0; i < items.Length; i++)
            editor.Values[i] = items[i].AsMemory();
        value = editor.Commit();
    };

    private ValueGetter<T> Scalar<T>(RowColumn column)
    {
        Func<TRow, T> get = column.Getter<TRow, T>();
        return (ref T value) => value = get(Current);
    }

    private ValueGetter<VBuffer<T>> FromArray<T>(RowColumn column)
    {
        Func<TRow, T[]?> get = column.Getter<TRow, T[]?>();
        return (ref VBuffer<T> value) =>
        {
            T[] items = get(Current) ?? [];
            VBufferEditor<T> editor = VBufferEditor.Create(ref value, items.Length);
            items.CopyTo(editor.Values);
            value = editor.Commit();
        };
    }

    private ValueGetter<VBuffer<T>> FromBuffer<T>(RowColumn column)
    {
        Func<TRow, VBuffer<T>> get = column.Getter<TRow, VBuffer<T>>();
        return (ref VBuffer<T> value) => get(Current).CopyTo(ref value);
    }
}
