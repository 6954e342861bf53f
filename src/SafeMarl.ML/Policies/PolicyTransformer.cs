using Microsoft.ML;
using Microsoft.ML.Data;
using SafeMarl.ML.Policies;

namespace SafeMarl.ML;

/// <summary>
/// A policy as an ML.NET transformer: for rows with <see cref="ColumnNames.AgentId"/> and <see cref="ColumnNames.Observation"/> (and
/// <see cref="ColumnNames.ActionMask"/>, where actions are masked, and <see cref="ColumnNames.Hidden"/>, where agents remember) it adds <see cref="ColumnNames.Action"/>, and <see cref="ColumnNames.Score"/> for discrete actions;
/// <see cref="ColumnNames.NextHidden"/> where agents remember, and with <see cref="WithCertificates"/> also what the agent's certificates make of what all agents do.
/// </summary>
/// <remarks>
/// <para>The action is the likeliest one, clipped to the agent's box. A row's output depends on that row alone.</para>
/// <para><c>mlContext.Model.Save</c> writes it as a chain of public ML.NET transforms that carries the weights; <c>mlContext.Model.Load</c> in any
/// process that references this assembly gives a working chain, and <see cref="From"/> finds the policy in it. Loading and predicting need no libtorch.</para>
/// </remarks>
public sealed class PolicyTransformer : ITransformer
{
    private readonly MLContext _mlContext;
    private readonly ITransformer _chain;

    internal PolicyTransformer(MLContext mlContext, Policy policy) : this(mlContext, policy, PolicyArtifact.Build(mlContext, policy, certified: false)) { }

    private PolicyTransformer(MLContext mlContext, Policy policy, ITransformer chain) => (_mlContext, Policy, _chain) = (mlContext, policy, chain);

    /// <summary>The policy itself, for acting without data views and for saving in the library's neutral format.</summary>
    public Policy Policy { get; }

    /// <summary>
    /// The same policy, which also adds <see cref="ColumnNames.SafetyCertificate"/> and <see cref="ColumnNames.StabilityCertificate"/>: what the agent's certificates
    /// make of <see cref="ColumnNames.JointAction"/> in <see cref="ColumnNames.State"/> (or in its observation, where they look at that). Rows must have these columns.
    /// </summary>
    /// <exception cref="SafeMarlException">An agent has no certificates: its algorithm learns none.</exception>
    public PolicyTransformer WithCertificates()
    {
        Policy.ThrowIfUncertified();
        return new PolicyTransformer(_mlContext, Policy, PolicyArtifact.Build(_mlContext, Policy, certified: true));
    }

    /// <inheritdoc/>
    public bool IsRowToRowMapper => _chain.IsRowToRowMapper;

    /// <summary>Finds the policy in a model, however deeply it is nested in chains.</summary>
    /// <param name="mlContext">The context that loaded the model.</param>
    /// <param name="model">A policy, or whatever <c>mlContext.Model.Load</c> gave.</param>
    /// <exception cref="SafeMarlException">The model holds no policy.</exception>
    /// <exception cref="CorruptFileException">It holds one that is damaged or of a newer version.</exception>
    public static PolicyTransformer From(MLContext mlContext, ITransformer model)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(model);
        return Find(mlContext, model) ?? throw new SafeMarlException("The model holds no SafeMarl policy.");
    }

    private static PolicyTransformer? Find(MLContext mlContext, ITransformer model)
    {
        if (model is PolicyTransformer policy)
            return policy;
        if (model is not IEnumerable<ITransformer> parts)
            return null;
        return PolicyArtifact.Read(mlContext, parts) is { } found
            ? new PolicyTransformer(mlContext, found, model)
            : parts.Select(part => Find(mlContext, part)).FirstOrDefault(p => p is not null);
    }

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => _chain.GetOutputSchema(inputSchema);

    /// <inheritdoc/>
    public IDataView Transform(IDataView input) => _chain.Transform(input);

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => _chain.GetRowToRowMapper(inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx) => _chain.Save(ctx);
}
