#nullable disable
using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>Applies a model to one object at a time. Not safe for threads.</summary>
public abstract class PredictionEngineBase<TSrc, TDst> : IDisposable
    where TSrc : class
    where TDst : class, new()
{
    private protected PredictionEngineBase(DataViewSchema outputSchema) => OutputSchema = outputSchema;

    public DataViewSchema OutputSchema { get; }

    public TDst Predict(TSrc example)
    {
        TDst prediction = null;
        Predict(example, ref prediction);
        return prediction;
    }

    public abstract void Predict(TSrc example, ref TDst prediction);

    public void Dispose() => Release();

    private protected abstract void Release();
}

/// <summary>Applies a model to one object at a time. Not safe for threads.</summary>
public sealed class PredictionEngine<TSrc, TDst> : PredictionEngineBase<TSrc, TDst>
    where TSrc : class
    where TDst : class, new()
{
    private readonly ObjectRow<TSrc> _input;
    private readonly DataViewRow _output;
    private readonly Action<TDst> _fill;
    private readonly ITransformer _owned;

    private PredictionEngine(ObjectRow<TSrc> input, IRowToRowMapper mapper, RowFiller<TDst> filler, ITransformer owned)
        : base(mapper.OutputSchema)
    {
        _input = input;
        _output = mapper.GetRow(input, filler.Sources);
        _fill = filler.Bind(_output);
        _owned = owned;
    }

    internal static PredictionEngine<TSrc, TDst> Create(ITransformer transformer, PredictionEngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        ArgumentNullException.ThrowIfNull(options);
        if (!transformer.IsRowToRowMapper)
            throw new ArgumentOutOfRangeException(nameof(transformer), "Must be a row to row mapper");
        RowColumn[] source = RowColumn.Of<TSrc>(options.InputSchemaDefinition, SchemaDefinition.Direction.Read);
        RowColumn[] destination = RowColumn.Of<TDst>(options.OutputSchemaDefinition, SchemaDefinition.Direction.Write);
        DataViewSchema schema = RowColumn.Schema(source);
        var input = new ObjectRow<TSrc>(source, schema, new ActiveColumns(schema, schema));
        IRowToRowMapper mapper = transformer.GetRowToRowMapper(schema);
        var filler = new RowFiller<TDst>(mapper.OutputSchema, destination, options.IgnoreMissingColumns);
        return new PredictionEngine<TSrc, TDst>(input, mapper, filler, options.OwnsTransformer ? transformer : null);
    }

    public override void Predict(TSrc example, ref TDst prediction)
    {
        ArgumentNullException.ThrowIfNull(example);
        _input.MoveTo(example);
        prediction ??= new TDst();
        _fill(prediction);
    }

    private protected override void Release()
    {
        _output.Dispose();
        (_owned as IDisposable)?.Dispose();
    }
}

/// <summary>How a prediction engine is made.</summary>
public sealed class PredictionEngineOptions
{
    /// <summary>Whether members of the prediction without a column are left alone.</summary>
    public bool IgnoreMissingColumns = true;
    public SchemaDefinition InputSchemaDefinition;
    public SchemaDefinition OutputSchemaDefinition;

    /// <summary>Whether disposing the engine disposes the transformer.</summary>
    public bool OwnsTransformer = true;

}
