using Microsoft.ML;
using Microsoft.ML.Data;

namespace SafeMarl.StandIns.Tests.MicrosoftML;

/// <summary>Rows without end, made while a cursor moves, by somebody who is not the library. Records what is asked of it.</summary>
internal sealed class GeneratedDataView : IDataView
{
    public const int Size = 3;

    private static readonly ReadOnlyMemory<char>[] Agents = ["agent-0".AsMemory(), "agent-1".AsMemory()];
    private readonly List<string> _requested = [];
    private long _moves;
    private int _disposed;

    public GeneratedDataView()
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add("SlotNames", new VectorDataViewType(TextDataViewType.Instance, Size), (ref VBuffer<ReadOnlyMemory<char>> names) =>
        {
            VBufferEditor<ReadOnlyMemory<char>> editor = VBufferEditor.Create(ref names, Size);
            for (int i = 0; i < Size; i++)
                editor.Values[i] = $"o{i}".AsMemory();
            names = editor.Commit();
        });
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("AgentId", TextDataViewType.Instance);
        builder.AddColumn("Observation", new VectorDataViewType(NumberDataViewType.Single, Size), annotations.ToAnnotations());
        builder.AddColumn("Reward", NumberDataViewType.Single);
        Schema = builder.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    public long Moves => Interlocked.Read(ref _moves);

    public int Disposed => _disposed;

    public IReadOnlyList<string> Requested => _requested;

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var cursor = new Cursor(this, columnsNeeded);
        lock (_requested)
            _requested.AddRange(Schema.Where(cursor.IsColumnActive).Select(column => column.Name));
        return cursor;
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly GeneratedDataView _parent;
        private readonly bool[] _active;
        private long _position = -1;

        public Cursor(GeneratedDataView parent, IEnumerable<DataViewSchema.Column> needed)
        {
            _parent = parent;
            _active = new bool[parent.Schema.Count];
            foreach (DataViewSchema.Column column in needed)
                _active[column.Index] = true;
        }

        public override DataViewSchema Schema => _parent.Schema;

        public override long Position => _position;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!IsColumnActive(column))
                throw new ArgumentException($"Column '{column.Name}' is not active.", nameof(column));
            Delegate getter = column.Index switch
            {
                0 => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = Agents[_position % 2]),
                1 => (ValueGetter<VBuffer<float>>)Observe,
                _ => (ValueGetter<float>)((ref float value) => value = _position * 2),
            };
            return (ValueGetter<TValue>)getter;
        }

        public override bool MoveNext()
        {
            _position++;
            Interlocked.Increment(ref _parent._moves);
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            Interlocked.Increment(ref _parent._disposed);
            base.Dispose(disposing);
        }

        private void Observe(ref VBuffer<float> value)
        {
            VBufferEditor<float> editor = VBufferEditor.Create(ref value, Size);
            for (int i = 0; i < Size; i++)
                editor.Values[i] = _position + (i / 10f);
            value = editor.Commit();
        }
    }
}
