#nullable disable
using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>Keeps or drops columns.</summary>
public sealed class ColumnSelectingEstimator : TrivialEstimator<ColumnSelectingTransformer>
{
    internal ColumnSelectingEstimator(bool keep, string[] columnNames, bool keepHidden)
        : base(new ColumnSelectingTransformer(keep, columnNames, keepHidden)) { }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        Transformer.CheckPresent(name => inputSchema.Find(name) is not null);
        return new SchemaShape(Transformer.Keep
            ? Transformer.ColumnNames.Distinct().Select(name => inputSchema.Find(name).Value)
            : inputSchema.Where(column => !Transformer.ColumnNames.Contains(column.Name)));
    }
}

/// <summary>Keeps or drops columns; hidden columns go as well unless they are to be kept.</summary>
public sealed class ColumnSelectingTransformer : ITransformer
{
    internal const string Kind = "SelectColumns";

    private readonly bool _keepHidden;

    internal ColumnSelectingTransformer(bool keep, string[] columnNames, bool keepHidden)
    {
        ArgumentNullException.ThrowIfNull(columnNames);
        if (columnNames.Any(string.IsNullOrEmpty))
            throw new ArgumentException("A column name is empty.", nameof(columnNames));
        Keep = keep;
        ColumnNames = [.. columnNames];
        _keepHidden = keepHidden;
    }

    internal bool Keep { get; }
    internal string[] ColumnNames { get; }
    bool ITransformer.IsRowToRowMapper => true;
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => MakeMapper(inputSchema).OutputSchema;

    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new MappedDataView(input, MakeMapper(input.Schema));
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => MakeMapper(inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ArgumentNullException.ThrowIfNull(ctx);
        ctx.Save(Kind, writer =>
        {
            writer.Flag(Keep);
            writer.Flag(_keepHidden);
            writer.Count(ColumnNames.Length);
            foreach (string name in ColumnNames)
                writer.Text(name);
        });
    }

    internal static ColumnSelectingTransformer Load(ModelReader reader)
    {
        bool keep = reader.Flag();
        bool keepHidden = reader.Flag();
        return new ColumnSelectingTransformer(keep, reader.Many(r => r.Name()), keepHidden);
    }

    internal void CheckPresent(Func<string, bool> isPresent)
    {
        string[] missing = [.. ColumnNames.Where(name => !isPresent(name))];
        if (missing.Length > 0)
            throw Errors.MissingColumn("inputSchema", "input", string.Join(",", missing));
    }

    private RowMapper MakeMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        CheckPresent(name => inputSchema.GetColumnOrNull(name) is not null);
        IEnumerable<DataViewSchema.Column> kept = Keep
            ? ColumnNames.Distinct().SelectMany(name => inputSchema.Where(column => column.Name == name))
            : inputSchema.Where(column => !ColumnNames.Contains(column.Name));
        return new RowMapper(inputSchema, [.. kept.Where(column => _keepHidden || !column.IsHidden).Select(OutputColumn.Pass)]);
    }
}
