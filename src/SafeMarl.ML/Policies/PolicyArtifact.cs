using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace SafeMarl.ML.Policies;

/// <summary>
/// A policy as a chain of public ML.NET transforms. ML.NET lets nobody outside register a way to load a model, but it saves and loads
/// lookup tables: one table holds each agent's parameters as text, another the list of agents, and a custom mapping that is found again by
/// its contract's name decodes them and acts.
/// </summary>
internal static class PolicyArtifact
{
    /// <summary>Columns of the chain's own; it drops them at its end.</summary>
    public const string Agent = "__Policy.Agent", Observation = "__Policy.Observation", Mask = "__Policy.ActionMask", Parameters = "__Policy.Parameters",
        Key = "__Policy.Key", Manifest = "__Policy.Manifest", Action = "__Policy.Action", Score = "__Policy.Score", State = "__Policy.State", JointAction = "__Policy.JointAction", Safety = "__Policy.SafetyCertificate",
        Stability = "__Policy.StabilityCertificate", Hidden = "__Policy.Hidden", NextHidden = "__Policy.NextHidden";

    /// <summary>The one key of the manifest's table.</summary>
    public const string ManifestKey = "manifest";

    private sealed class AgentRow
    {
        [ColumnName(Agent)]
        public string Name = "";
    }

    private sealed class KeyRow
    {
        [ColumnName(Key)]
        public string Value = "";
    }

    private sealed class InputRow
    {
        public string AgentId = "";

        [VectorType]
        public float[] Observation = [];

        [VectorType]
        public float[] ActionMask = [];

        [VectorType]
        public float[] State = [];

        [VectorType]
        public float[] JointAction = [];

        [VectorType]
        public float[] Hidden = [];
    }

    /// <summary>What a chain reads and adds beside observations and actions.</summary>
    /// <param name="Masked">Actions are masked.</param>
    /// <param name="Discrete">Some agents choose alternatives, whose probabilities are added.</param>
    /// <param name="Certified">Certificates are added.</param>
    /// <param name="LooksAtState">Some certificates look at the state.</param>
    /// <param name="Remembers">Agents remember their episode.</param>
    private sealed record Columns(bool Masked, bool Discrete, bool Certified, bool LooksAtState, bool Remembers);

    /// <summary>The chain for a policy.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="certified">Whether it adds the certificates, which every agent must then have.</param>
    public static ITransformer Build(MLContext mlContext, Policy policy, bool certified)
    {
        var parameters = policy.Agents.Select((agent, i) => KeyValuePair.Create(agent.Name, Convert.ToBase64String(policy.ToFile([i], policy.Origin).ToBytes())));
        var columns = new Columns(
            policy.Agents.Any(a => a.ActionSpace.IsMasked), policy.Agents.Any(a => a.ActionSpace.IsDiscrete), certified, certified && policy.Agents.Any(a => a.Certificates!.LooksAtState),
            policy.Agents.Any(a => a.MemorySize > 0));
        return Pipeline(mlContext, parameters, columns).Fit(mlContext.Data.LoadFromEnumerable(Array.Empty<InputRow>()));
    }

    /// <summary>What a policy that is still to be learned does to a schema: actions are masked when there is a column of masks.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="inputSchema">The schema.</param>
    /// <param name="remembers">Whether agents will remember their episode.</param>
    public static SchemaShape GetOutputSchema(MLContext mlContext, SchemaShape inputSchema, bool remembers)
    {
        bool masked = inputSchema.Any(c => c.Name == ColumnNames.ActionMask);
        return Pipeline(mlContext, [KeyValuePair.Create("", "")], new Columns(masked, Discrete: masked || remembers, Certified: false, LooksAtState: false, remembers)).GetOutputSchema(inputSchema);
    }

    private static EstimatorChain<ITransformer> Pipeline(MLContext mlContext, IEnumerable<KeyValuePair<string, string>> parameters, Columns columns)
    {
        KeyValuePair<string, string>[] table = [.. parameters];
        var manifest = new[] { KeyValuePair.Create(ManifestKey, JsonSerializer.Serialize(table.Select(p => p.Key))) };
        TransformsCatalog transforms = mlContext.Transforms;

        EstimatorChain<ITransformer> chain = new EstimatorChain<ITransformer>()
            .Append(transforms.CopyColumns(Agent, ColumnNames.AgentId))
            .Append(transforms.CopyColumns(Observation, ColumnNames.Observation))
            .Append(transforms.CustomMapping<PolicyKeyMapping.Row, PolicyKeyMapping.Result>(new PolicyKeyMapping().GetMapping(), PolicyKeyMapping.Contract))
            .Append(transforms.Conversion.MapValue(Parameters, table, Agent))
            .Append<ITransformer>(transforms.Conversion.MapValue(Manifest, manifest, Key));
        if (columns.Remembers)
            chain = AppendRecurrent(transforms, chain, columns.Masked);
        else if (columns.Masked)
            chain = chain.Append<ITransformer>(transforms.CopyColumns(Mask, ColumnNames.ActionMask)).Append<ITransformer>(Mapping(transforms, new MaskedPolicyMapping(), MaskedPolicyMapping.Contract));
        else if (columns.Discrete)
            chain = chain.Append<ITransformer>(Mapping(transforms, new DiscretePolicyMapping(), DiscretePolicyMapping.Contract));
        else
            chain = chain.Append<ITransformer>(Mapping(transforms, new PolicyMapping(), PolicyMapping.Contract));

        List<string> own = [Agent, Observation, Parameters, Key, Manifest, Action];
        chain = chain.Append<ITransformer>(transforms.CopyColumns(ColumnNames.Action, Action));
        if (columns.Masked || columns.Remembers)
            own.Add(Mask);
        if (columns.Remembers)
        {
            chain = chain.Append<ITransformer>(transforms.CopyColumns(ColumnNames.NextHidden, NextHidden));
            own.AddRange([Hidden, NextHidden]);
        }
        if (columns.Discrete)
        {
            chain = chain.Append<ITransformer>(transforms.CopyColumns(ColumnNames.Score, Score));
            own.Add(Score);
        }
        if (columns.Certified)
        {
            chain = AppendCertificates(transforms, chain, columns.LooksAtState);
            own.AddRange([State, JointAction, Safety, Stability]);
        }
        return chain.Append<ITransformer>(transforms.DropColumns([.. own]));
    }

    // Where no actions are masked something must stand in for the masks.
    private static EstimatorChain<ITransformer> AppendRecurrent(TransformsCatalog transforms, EstimatorChain<ITransformer> chain, bool masked) => chain
        .Append<ITransformer>(transforms.CopyColumns(Mask, masked ? ColumnNames.ActionMask : ColumnNames.Observation))
        .Append<ITransformer>(transforms.CopyColumns(Hidden, ColumnNames.Hidden))
        .Append<ITransformer>(Mapping(transforms, new RecurrentPolicyMapping(), RecurrentPolicyMapping.Contract));

    private static EstimatorChain<ITransformer> AppendCertificates(TransformsCatalog transforms, EstimatorChain<ITransformer> chain, bool looksAtState) => chain
        .Append<ITransformer>(transforms.CopyColumns(State, looksAtState ? ColumnNames.State : ColumnNames.Observation))
        .Append<ITransformer>(transforms.CopyColumns(JointAction, ColumnNames.JointAction))
        .Append<ITransformer>(Mapping(transforms, new CertificateMapping(), CertificateMapping.Contract))
        .Append<ITransformer>(transforms.CopyColumns(ColumnNames.SafetyCertificate, Safety))
        .Append<ITransformer>(transforms.CopyColumns(ColumnNames.StabilityCertificate, Stability));

    private static StatefulCustomMappingEstimator<TRow, TResult, TState> Mapping<TRow, TResult, TState>(
        TransformsCatalog transforms, StatefulCustomMappingFactory<TRow, TResult, TState> factory, string contract)
        where TRow : class, new()
        where TResult : class, new()
        where TState : class, new() => transforms.StatefulCustomMapping(factory.GetMapping(), factory.GetStateInitAction(), contract);

    /// <summary>The policy in the parts of a chain, or null when they are not those of <see cref="Pipeline"/>.</summary>
    public static Policy? Read(MLContext mlContext, IEnumerable<ITransformer> parts)
    {
        ITransformer[] tables = [.. parts.Where(p => p is ValueMappingTransformer)];
        string[]? manifest = tables.Select(t => Look(mlContext, t, [new KeyRow { Value = ManifestKey }], Manifest)).FirstOrDefault(m => m is not null);
        if (manifest is null)
            return null;
        string[] agents = AgentsOf(manifest[0]);
        string[] texts = tables.Select(t => Look(mlContext, t, agents.Select(a => new AgentRow { Name = a }), Parameters)).FirstOrDefault(p => p is not null)
            ?? throw new CorruptFileException("The model lists agents but holds no parameters for them.");
        return Policy.Combine([.. texts.Select(text => PolicyCache.Get(text.AsMemory()))]);
    }

    private static string[] AgentsOf(string manifest)
    {
        try
        {
            return JsonSerializer.Deserialize<string[]>(manifest) ?? [];
        }
        catch (JsonException e)
        {
            throw new CorruptFileException($"The model's list of agents cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Whether a file is a zip, as model files are.</summary>
    public static bool IsModelFile(string path)
    {
        using FileStream stream = File.OpenRead(path);
        Span<byte> start = stackalloc byte[4];
        return stream.ReadAtLeast(start, 4, throwOnEndOfStream: false) == 4 && start.SequenceEqual("PK\x03\x04"u8);
    }

    /// <summary>Loads a model; whatever ML.NET finds wrong with the file becomes one kind of error.</summary>
    public static ITransformer LoadModel(MLContext mlContext, string path)
    {
        try
        {
            return mlContext.Model.Load(path, out _);
        }
        catch (Exception e) when (e is FormatException or InvalidDataException or InvalidOperationException or ArgumentException or IndexOutOfRangeException or OverflowException or EndOfStreamException)
        {
            throw new CorruptFileException($"'{path}' cannot be used: {e.Message}", e);
        }
    }

    // What a table gives for keys; null when it is another table or lacks a key.
    private static string[]? Look<TRow>(MLContext mlContext, ITransformer table, IEnumerable<TRow> keys, string column)
        where TRow : class
    {
        IDataView rows = mlContext.Data.LoadFromEnumerable(keys);
        try
        {
            if (table.GetOutputSchema(rows.Schema).GetColumnOrNull(column) is null)
                return null;
        }
        catch (ArgumentException)
        {
            return null; // it reads other columns
        }
        string[] values = [.. table.Transform(rows).GetColumn<ReadOnlyMemory<char>>(column).Select(v => v.ToString())];
        return values.Contains("") ? null : values;
    }
}
