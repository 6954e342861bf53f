#nullable disable
using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>Makes new columns by calling a function on objects and on a state that every cursor has of its own.</summary>
public sealed class StatefulCustomMappingEstimator<TSrc, TDst, TState> : TrivialEstimator<StatefulCustomMappingTransformer<TSrc, TDst, TState>>
    where TSrc : class, new()
    where TDst : class, new()
    where TState : class, new()
{
    internal StatefulCustomMappingEstimator(StatefulCustomMappingTransformer<TSrc, TDst, TState> transformer)
        : base(transformer) { }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => Transformer.Mapping.OutputShape(inputSchema);
}

/// <summary>Makes new columns by calling a function on objects and on a state that every cursor has of its own.</summary>
public sealed class StatefulCustomMappingTransformer<TSrc, TDst, TState> : ITransformer
    where TSrc : class, new()
    where TDst : class, new()
    where TState : class, new()
{
    internal StatefulCustomMappingTransformer(Action<TSrc, TDst, TState> mapAction, Action<TState> stateInitAction, string contractName)
    {
        ArgumentNullException.ThrowIfNull(mapAction);
        ArgumentNullException.ThrowIfNull(stateInitAction);
        Mapping = new CustomMapping<TSrc, TDst>(mapAction, Start, contractName);

        Action<TSrc, TDst> Start()
        {
            var state = new TState();
            stateInitAction(state);
            return (source, destination) => mapAction(source, destination, state);
        }
    }

    internal CustomMapping<TSrc, TDst> Mapping { get; }
    bool ITransformer.IsRowToRowMapper => true;
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Mapping.MakeMapper(inputSchema).OutputSchema;
    public IDataView Transform(IDataView input) => Mapping.Transform(input);
    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => Mapping.MakeMapper(inputSchema);
    void ICanSaveModel.Save(ModelSaveContext ctx) => Mapping.Save(ctx);
}
