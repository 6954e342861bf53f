using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace SafeMarl.StandIns.Tests.MicrosoftML;

internal sealed class PolicyInput
{
    [ColumnName("__Parameters")]
    public ReadOnlyMemory<char> Parameters { get; set; }

    [ColumnName("__Observation"), VectorType]
    public VBuffer<float> Observation { get; set; }
}

internal sealed class PolicyOutput
{
    [ColumnName("__Action"), VectorType]
    public VBuffer<float> Action;
}

internal sealed class PolicyState
{
    public int Calls;
}

/// <summary>The action is the observation's first slot, the length of the agent's parameters, and the number of calls.</summary>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class PolicyContract : StatefulCustomMappingFactory<PolicyInput, PolicyOutput, PolicyState>
{
    public const string Contract = "SafeMarl.StandIns.Tests.Policy/1";

    public override Action<PolicyState> GetStateInitAction() => static state => state.Calls = 0;

    public override Action<PolicyInput, PolicyOutput, PolicyState> GetMapping() => Apply;

    private static void Apply(PolicyInput input, PolicyOutput output, PolicyState state)
    {
        if (input.Parameters.IsEmpty)
            throw new InvalidOperationException("This model holds no policy for the agent.");
        state.Calls++;
        VBufferEditor<float> editor = VBufferEditor.Create(ref output.Action, 3);
        editor.Values[0] = input.Observation.GetValues()[0];
        editor.Values[1] = input.Parameters.Length;
        editor.Values[2] = state.Calls;
        output.Action = editor.Commit();
    }
}

/// <summary>A chain of public transforms that carries parameters, and a transformer of our own around it.</summary>
internal static class PolicySample
{
    public static readonly Dictionary<string, string> Parameters = new() { ["agent-0"] = "p", ["agent-1"] = "parameters" };

    public static EstimatorChain<ITransformer> Pipeline(MLContext ml, string contract = PolicyContract.Contract)
    {
        var factory = new PolicyContract();
        return new EstimatorChain<ITransformer>()
            .Append(ml.Transforms.CopyColumns("__Observation", "Observation"))
            .Append(ml.Transforms.Conversion.MapValue("__Parameters", Parameters, "AgentId"))
            .Append(ml.Transforms.StatefulCustomMapping(factory.GetMapping(), factory.GetStateInitAction(), contract))
            .Append(ml.Transforms.CopyColumns("Action", "__Action"))
            .Append(ml.Transforms.CopyColumns("Parameters", "__Parameters"))
            .Append<ITransformer>(ml.Transforms.DropColumns("__Observation", "__Parameters", "__Action"));
    }

    public static TransformerChain<ITransformer> Fit(MLContext ml) => Pipeline(ml).Fit(new GeneratedDataView());
}

/// <summary>A transformer that the library does not know; it saves itself as the chain inside it.</summary>
internal sealed class WrappingTransformer(ITransformer inner) : ITransformer
{
    public bool IsRowToRowMapper => inner.IsRowToRowMapper;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inner.GetOutputSchema(inputSchema);

    public IDataView Transform(IDataView input) => inner.Transform(input);

    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => inner.GetRowToRowMapper(inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx) => inner.Save(ctx);
}
