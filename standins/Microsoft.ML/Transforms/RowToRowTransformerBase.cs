#nullable disable
using Microsoft.ML.Transforms;

namespace Microsoft.ML.Data;

/// <summary>A transformer that maps every row by itself.</summary>
public abstract class RowToRowTransformerBase : ITransformer
{
    private protected RowToRowTransformerBase() { }

    bool ITransformer.IsRowToRowMapper => true;
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Mapper(inputSchema).OutputSchema;

    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new MappedDataView(input, MakeMapper(input.Schema));
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => Mapper(inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ArgumentNullException.ThrowIfNull(ctx);
        SaveModel(ctx);
    }

    private protected abstract RowMapper MakeMapper(DataViewSchema inputSchema);

    private protected abstract void SaveModel(ModelSaveContext context);

    private RowMapper Mapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return MakeMapper(inputSchema);
    }
}

/// <summary>A transformer that makes one output column of one input column.</summary>
public abstract class OneToOneTransformerBase : RowToRowTransformerBase
{
    private protected OneToOneTransformerBase(string outputColumnName, string inputColumnName)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentException.ThrowIfNullOrEmpty(inputColumnName);
        OutputColumnName = outputColumnName;
        InputColumnName = inputColumnName;
    }

    internal string OutputColumnName { get; }
    internal string InputColumnName { get; }

    private protected DataViewSchema.Column Source(DataViewSchema inputSchema) =>
        inputSchema.GetColumnOrNull(InputColumnName) ?? throw Errors.MissingColumn(nameof(inputSchema), "source", InputColumnName);

    internal SchemaShape.Column Source(SchemaShape inputSchema) =>
        inputSchema.Find(InputColumnName) ?? throw Errors.MissingColumn(nameof(inputSchema), "input", InputColumnName);
}
