using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>One column of a mapper's output: an input column, or a computed one.</summary>
/// <param name="Column">Name, type and annotations in the output.</param>
/// <param name="Source">The index of the input column, or the complement of the index of the computed one.</param>
internal readonly record struct OutputColumn(DataViewSchema.DetachedColumn Column, int Source)
{
    public static OutputColumn Pass(DataViewSchema.Column column) => new(new DataViewSchema.DetachedColumn(column), column.Index);

    /// <summary>All input columns and the added ones: at the end, or right after the column that they hide.</summary>
    public static List<OutputColumn> After(DataViewSchema input, params IEnumerable<OutputColumn> added)
    {
        List<OutputColumn> columns = [.. input.Select(Pass)];
        foreach (OutputColumn column in added)
        {
            int hidden = columns.FindLastIndex(c => c.Column.Name == column.Column.Name);
            columns.Insert(hidden < 0 ? columns.Count : hidden + 1, column);
        }
        return columns;
    }
}

/// <summary>Columns that are computed from others, all of them together.</summary>
internal abstract class ComputedColumns
{
    /// <summary>What they are computed from.</summary>
    public abstract IEnumerable<DataViewSchema.Column> Inputs { get; }

    /// <summary>Getters over one row or cursor, with whatever state they share.</summary>
    public abstract Delegate[] CreateGetters(DataViewRow input);
}

/// <summary>What a transformer does with rows of one schema. Holds no state of any row: it serves every cursor.</summary>
internal sealed class RowMapper : IRowToRowMapper
{
    private readonly int[] _sources;
    private readonly ComputedColumns? _computed;

    public RowMapper(DataViewSchema input, IReadOnlyCollection<OutputColumn> columns, ComputedColumns? computed = null)
    {
        InputSchema = input;
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(columns.Select(column => column.Column));
        OutputSchema = builder.ToSchema();
        _sources = [.. columns.Select(column => column.Source)];
        _computed = computed;
    }

    public DataViewSchema InputSchema { get; }
    public DataViewSchema OutputSchema { get; }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        var active = new ActiveColumns(OutputSchema, dependingColumns);
        var needed = new HashSet<int>();
        for (int i = 0; i < _sources.Length; i++)
        {
            if (active[i] && _sources[i] >= 0)
                needed.Add(_sources[i]);
        }
        if (NeedsComputed(active))
            needed.UnionWith(_computed!.Inputs.Select(column => column.Index));
        return [.. needed.Order().Select(index => InputSchema[index])];
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (!ReferenceEquals(input.Schema, InputSchema))
            throw new ArgumentException("The row must have the schema that the mapper was made for.", nameof(input));
        return Map(input, activeColumns);
    }

    public DataViewRow Map(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        var active = new ActiveColumns(OutputSchema, activeColumns);
        return new Row(this, input, active, NeedsComputed(active) ? _computed!.CreateGetters(input) : []);
    }

    private bool NeedsComputed(ActiveColumns active)
    {
        for (int i = 0; i < _sources.Length; i++)
        {
            if (active[i] && _sources[i] < 0)
                return true;
        }
        return false;
    }

    private sealed class Row(RowMapper mapper, DataViewRow input, ActiveColumns active, Delegate[] computed) : DataViewRow
    {
        public override DataViewSchema Schema => mapper.OutputSchema;
        public override long Position => input.Position;
        public override long Batch => input.Batch;
        public override bool IsColumnActive(DataViewSchema.Column column) => active[column];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            active.Check(column);
            int source = mapper._sources[column.Index];
            return source >= 0 ? input.GetGetter<TValue>(mapper.InputSchema[source]) : Getters.Typed<TValue>(computed[~source], column);
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                input.Dispose();
        }
    }
}
