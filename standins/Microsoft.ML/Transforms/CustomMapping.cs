#nullable disable
using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>Makes new columns by calling a function on objects.</summary>
public sealed class CustomMappingEstimator<TSrc, TDst> : TrivialEstimator<CustomMappingTransformer<TSrc, TDst>>
    where TSrc : class, new()
    where TDst : class, new()
{
    internal CustomMappingEstimator(CustomMappingTransformer<TSrc, TDst> transformer)
        : base(transformer) { }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => Transformer.Mapping.OutputShape(inputSchema);
}

/// <summary>Makes new columns by calling a function on objects.</summary>
public sealed class CustomMappingTransformer<TSrc, TDst> : ITransformer
    where TSrc : class, new()
    where TDst : class, new()
{
    internal CustomMappingTransformer(Action<TSrc, TDst> mapAction, string contractName,
        SchemaDefinition inputSchemaDefinition = null, SchemaDefinition outputSchemaDefinition = null)
    {
        ArgumentNullException.ThrowIfNull(mapAction);
        Mapping = new CustomMapping<TSrc, TDst>(mapAction, () => mapAction, contractName, inputSchemaDefinition, outputSchemaDefinition);
    }

    internal CustomMapping<TSrc, TDst> Mapping { get; }
    bool ITransformer.IsRowToRowMapper => true;
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Mapping.MakeMapper(inputSchema).OutputSchema;
    public IDataView Transform(IDataView input) => Mapping.Transform(input);
    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => Mapping.MakeMapper(inputSchema);
    void ICanSaveModel.Save(ModelSaveContext ctx) => Mapping.Save(ctx);
}
