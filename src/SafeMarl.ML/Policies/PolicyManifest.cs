using System.Text.Json;
using System.Text.Json.Serialization;
using SafeMarl.Environments;

namespace SafeMarl.ML.Policies;

/// <summary>The readable description in a policy file: which agents there are, what they observe and do, and which network each one uses.</summary>
internal sealed record PolicyManifest(int Version, PolicyOrigin Origin, IReadOnlyList<NetworkShape> Networks, IReadOnlyList<PolicyManifest.Agent> Agents, SafetyCard? Safety = null)
{
    /// <summary>The version that this library writes, and the newest it reads.</summary>
    public const int CurrentVersion = 1;

    // Far above what any of the library's algorithms uses; a damaged manifest must not make us allocate without bound.
    internal const int MaxSize = 1 << 16;
    private const int MaxLayers = 64, MaxAgents = 4096;

    private static readonly JsonSerializerOptions Json = new() { Converters = { new JsonStringEnumConverter<Activation>(), new JsonStringEnumConverter<PolicyHead>(), new JsonStringEnumConverter<SafetyCertificateKind>(), new JsonStringEnumConverter<AlarmRule>() }, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    /// <summary>A box has bounds and <see cref="Alternatives"/> 0; a discrete action has alternatives and no bounds.</summary>
    internal sealed record Agent(string Name, int Network, int Alternatives, bool Masked, IReadOnlyList<float> Low, IReadOnlyList<float> High, PolicyHead Head,
        CertificateShape? Certificates, int Id = 0)
    {
        public static Agent Of(AgentNetwork agent) =>
            new(agent.Name, agent.Network, agent.ActionSpace.Count, agent.ActionSpace.IsMasked, agent.ActionSpace.Low, agent.ActionSpace.High, agent.Head, agent.Certificates, agent.Id);

        /// <exception cref="FormatException">The head does not go with the actions.</exception>
        public AgentNetwork ToAgent() => Alternatives > 0 == Head is PolicyHead.Categorical or PolicyHead.Greedy
            ? new AgentNetwork(Name, Alternatives > 0 ? ActionSpace.Discrete(Alternatives, Masked) : ActionSpace.Box(Low, High), Head, Network, Certificates, Id)
            : throw new FormatException($"the head of agent '{Name}' does not fit its actions");
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Whether policies of these agents could be read back; to be asked before they are trained.</summary>
    /// <param name="agents">Names, and the largest size of what each observes or does.</param>
    /// <exception cref="SafeMarlException">There are too many agents, or one is too large.</exception>
    public static void ThrowIfTooLarge(IReadOnlyList<(string Name, int Size)> agents)
    {
        if (agents.Count > MaxAgents)
            throw new SafeMarlException($"A policy holds at most {MaxAgents:N0} agents; the task has {agents.Count:N0}.");
        foreach ((string name, int size) in agents)
        {
            if (size > MaxSize)
                throw new SafeMarlException($"A policy takes and gives at most {MaxSize:N0} numbers; those of agent '{name}' are {size:N0}.");
        }
    }

    /// <summary>Reads a manifest and checks everything that sizes depend on.</summary>
    /// <exception cref="FormatException">It is damaged or of a newer version.</exception>
    public static PolicyManifest Parse(string json)
    {
        PolicyManifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<PolicyManifest>(json, Json) ?? throw new FormatException("its manifest is empty");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new FormatException("its manifest is damaged", e);
        }
        if (manifest.Version > CurrentVersion)
            throw new FormatException($"it has version {manifest.Version}, and this library reads up to {CurrentVersion}");
        if (manifest.Networks.Any(n => n is null) || manifest.Agents.Any(a => a is null))
            throw new FormatException("its manifest is damaged");
        foreach (NetworkShape network in manifest.Networks)
        {
            if (network.Inputs is < 1 or > MaxSize || network.Outputs is < 1 or > MaxSize || network.HiddenSize is < 1 or > MaxSize
                || network.HiddenLayers is < 1 or > MaxLayers || !Enum.IsDefined(network.Activation) || network.LastActivation is { } last && !Enum.IsDefined(last))
                throw new FormatException("a network in its manifest has impossible sizes");
            network.Recurrence?.ThrowIfImpossible(network);
        }
        if (manifest.Agents.Count is < 1 or > MaxAgents || manifest.Agents.Any(a => a.Network < 0 || a.Network >= manifest.Networks.Count || a.Alternatives is < 0 or > MaxSize || !Enum.IsDefined(a.Head)))
            throw new FormatException("an agent in its manifest has impossible sizes");
        if (manifest.Agents.Any(a => !Fits(a, manifest.Networks[a.Network].Recurrence)))
            throw new FormatException("an agent in its manifest does not fit its network");
        foreach (Agent agent in manifest.Agents)
            agent.Certificates?.ThrowIfImpossible(manifest.Networks, manifest.Networks[agent.Network].Inputs);
        manifest.Safety?.ThrowIfImpossible();
        return manifest;

        static bool Fits(Agent agent, Recurrence? recurrence) => agent.Head == PolicyHead.Greedy ? recurrence is not null && agent.Id >= 0 && agent.Id < recurrence.Agents : recurrence is null;
    }
}
