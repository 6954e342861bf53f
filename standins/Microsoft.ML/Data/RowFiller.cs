namespace Microsoft.ML.Data;

/// <summary>Writes the values of rows into the members of an object.</summary>
internal sealed class RowFiller<TRow>
    where TRow : class
{
    private readonly List<(RowColumn Member, DataViewSchema.Column Source)> _bound = [];

    public RowFiller(DataViewSchema schema, RowColumn[] columns, bool ignoreMissingColumns)
    {
        foreach (RowColumn column in columns)
        {
            string name = column.Column.Name;
            if (schema.GetColumnOrNull(name) is not { } source)
            {
                if (ignoreMissingColumns)
                    continue;
                throw Errors.MissingColumn("Schema", "", name);
            }
            if (!RowColumn.Fits(source.Type, column.Member))
            {
                throw new InvalidOperationException(
                    $"Can't bind the IDataView column '{name}' of type '{source.Type}' to field or property '{column.Member.Name}' of type '{column.MemberType}'.");
            }
            _bound.Add((column, source));
        }
    }

    public IEnumerable<DataViewSchema.Column> Sources => _bound.Select(pair => pair.Source);

    /// <summary>An action that fills an object from the row's current values.</summary>
    public Action<TRow> Bind(DataViewRow row)
    {
        Action<TRow>[] setters = [.. _bound.Select(pair => MakeSetter(row, pair.Source, pair.Member))];
        return target =>
        {
            foreach (Action<TRow> set in setters)
                set(target);
        };
    }

    private static Action<TRow> MakeSetter(DataViewRow row, DataViewSchema.Column source, RowColumn member)
    {
        if (member.MemberType == typeof(string))
            return Text(row.GetGetter<ReadOnlyMemory<char>>(source), member.Setter<TRow, string>());
        if (member.MemberType == typeof(string[]))
            return Texts(row.GetGetter<VBuffer<ReadOnlyMemory<char>>>(source), member.Setter<TRow, string[]>());
        if (source.Type is not VectorDataViewType vector)
            return Generic.Invoke<Action<TRow>>(Scalar<int>, [member.MemberType], row, source, member);
        return Generic.Invoke<Action<TRow>>(member.MemberType.IsArray ? ToArray<int> : ToBuffer<int>, [vector.ItemType.RawType], row, source, member);
    }

    private static Action<TRow> Text(ValueGetter<ReadOnlyMemory<char>> get, Action<TRow, string> set)
    {
        ReadOnlyMemory<char> value = default;
        return target =>
        {
            get(ref value);
            set(target, value.ToString());
        };
    }

    private static Action<TRow> Texts(ValueGetter<VBuffer<ReadOnlyMemory<char>>> get, Action<TRow, string[]> set)
    {
        VBuffer<ReadOnlyMemory<char>> value = default;
        return target =>
        {
            get(ref value);
            set(target, [.. value.DenseValues().Select(text => text.ToString())]);
        };
    }

    private static Action<TRow> Scalar<T>(DataViewRow row, DataViewSchema.Column source, RowColumn member)
    {
        ValueGetter<T> get = row.GetGetter<T>(source);
        Action<TRow, T> set = member.Setter<TRow, T>();
        T value = default!;
        return target =>
        {
            get(ref value);
            set(target, value);
        };
    }

    // The object's own array is used again when it has the right length: a reused row object costs no allocation.
    private static Action<TRow> ToArray<T>(DataViewRow row, DataViewSchema.Column source, RowColumn member)
    {
        ValueGetter<VBuffer<T>> get = row.GetGetter<VBuffer<T>>(source);
        Func<TRow, T[]?> old = member.Getter<TRow, T[]?>();
        Action<TRow, T[]> set = member.Setter<TRow, T[]>();
        VBuffer<T> value = default;
        return target =>
        {
            get(ref value);
            T[] array = old(target) is { } own && own.Length == value.Length ? own : new T[value.Length];
            value.CopyTo(array);
            set(target, array);
        };
    }

    private static Action<TRow> ToBuffer<T>(DataViewRow row, DataViewSchema.Column source, RowColumn member)
    {
        ValueGetter<VBuffer<T>> get = row.GetGetter<VBuffer<T>>(source);
        Func<TRow, VBuffer<T>> old = member.Getter<TRow, VBuffer<T>>();
        Action<TRow, VBuffer<T>> set = member.Setter<TRow, VBuffer<T>>();
        return target =>
        {
            VBuffer<T> value = old(target);
            get(ref value);
            set(target, value);
        };
    }
}
