#nullable disable
namespace Microsoft.ML.Data;

/// <summary>Estimators one after the other: each learns from what the ones before it made of the data.</summary>
public sealed class EstimatorChain<TLastTransformer> : IEstimator<TransformerChain<TLastTransformer>>
    where TLastTransformer : class, ITransformer
{
    public readonly IEstimator<TLastTransformer> LastEstimator;

    private readonly IEstimator<ITransformer>[] _estimators;
    private readonly TransformerScope[] _scopes;

    public EstimatorChain()
    {
        _estimators = [];
        _scopes = [];
    }

    internal EstimatorChain(IEstimator<ITransformer>[] before, IEstimator<TLastTransformer> last, TransformerScope[] scopes)
    {
        LastEstimator = last;
        _estimators = [.. before, (IEstimator<ITransformer>)last];
        _scopes = scopes;
    }

    public EstimatorChain<TNewTrans> Append<TNewTrans>(IEstimator<TNewTrans> estimator, TransformerScope scope = TransformerScope.Everything)
        where TNewTrans : class, ITransformer
    {
        ArgumentNullException.ThrowIfNull(estimator);
        return new EstimatorChain<TNewTrans>(_estimators, estimator, [.. _scopes, scope]);
    }

    public TransformerChain<TLastTransformer> Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        GetOutputSchema(SchemaShape.Of(input.Schema));
        var transformers = new ITransformer[_estimators.Length];
        IDataView view = input;
        for (int i = 0; i < transformers.Length; i++)
        {
            transformers[i] = _estimators[i].Fit(view);
            view = transformers[i].Transform(view);
        }
        return new TransformerChain<TLastTransformer>(transformers, _scopes);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return _estimators.Aggregate(inputSchema, (shape, estimator) => estimator.GetOutputSchema(shape));
    }
}
