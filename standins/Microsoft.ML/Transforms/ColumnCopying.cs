#nullable disable
using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>Shows a column under another name as well.</summary>
public sealed class ColumnCopyingEstimator : TrivialEstimator<ColumnCopyingTransformer>
{
    internal ColumnCopyingEstimator(string outputColumnName, string inputColumnName)
        : base(new ColumnCopyingTransformer(outputColumnName, inputColumnName)) { }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        SchemaShape.Column source = Transformer.Source(inputSchema);
        return inputSchema.With(new SchemaShape.Column(Transformer.OutputColumnName, source.Kind, source.ItemType, source.Annotations));
    }
}

/// <summary>Shows a column under another name as well; no value is copied.</summary>
public sealed class ColumnCopyingTransformer : OneToOneTransformerBase
{
    internal const string Kind = "CopyColumns";

    internal ColumnCopyingTransformer(string outputColumnName, string inputColumnName)
        : base(outputColumnName, inputColumnName) { }

    private protected override RowMapper MakeMapper(DataViewSchema inputSchema)
    {
        DataViewSchema.Column source = Source(inputSchema);
        var copy = new DataViewSchema.DetachedColumn(OutputColumnName, source.Type, source.Annotations);
        return new RowMapper(inputSchema, OutputColumn.After(inputSchema, new OutputColumn(copy, source.Index)));
    }

    private protected override void SaveModel(ModelSaveContext context) => context.Save(Kind, writer =>
    {
        writer.Text(OutputColumnName);
        writer.Text(InputColumnName);
    });

    internal static ColumnCopyingTransformer Load(ModelReader reader) => new(reader.Name(), reader.Name());
}
