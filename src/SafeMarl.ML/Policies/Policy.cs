using SafeMarl.Environments;
using SafeMarl.ML.Files;
using SafeMarl.ML.Policies;

namespace SafeMarl.ML;

/// <summary>
/// The policies of all agents of a task, as managed code acts on them: in rollouts, in evaluation and in services, without libtorch.
/// </summary>
/// <remarks>
/// The file that <see cref="Save(string)"/> writes is a safetensors file: a readable JSON header with a manifest, and raw little-endian
/// arrays. It is the same in every build of the library, unlike an ML.NET model file.
/// </remarks>
public sealed class Policy
{
    private const string Format = "SafeMarl.Policy", ManifestKey = "manifest", FormatKey = "format";

    private readonly IPolicyNetwork[] _networks;
    private readonly AgentNetwork[] _shapes;

    /// <summary>A policy whose weights are still to be set.</summary>
    internal Policy(IPolicyNetwork[] networks, IReadOnlyList<AgentNetwork> agents)
    {
        _networks = networks;
        _shapes = [.. agents];
        Agents = [.. agents.Select(a => new PolicyAgent(a, networks))];
    }

    /// <summary>Where the policy comes from.</summary>
    public PolicyOrigin Origin { get; private init; } = PolicyOrigin.None;

    /// <summary>What is known of its safety; null before <see cref="SafeMarlCatalog.Verify(PolicyTransformer, Microsoft.ML.IDataView, VerificationOptions)"/>.</summary>
    public SafetyCard? SafetyCard { get; private init; }

    /// <summary>The agents, in the order of the task.</summary>
    public IReadOnlyList<PolicyAgent> Agents { get; }

    /// <summary>The agent with this name.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message lists those that there are.</exception>
    public PolicyAgent Agent(string name) => Agents.FirstOrDefault(a => a.Name == name)
        ?? throw new KeyNotFoundException($"The policy has no agent '{name}'. Its agents: {string.Join(", ", Agents.Select(a => a.Name))}.");

    /// <exception cref="SafeMarlException">An agent has no certificates: its algorithm learns none.</exception>
    internal void ThrowIfUncertified()
    {
        if (Agents.FirstOrDefault(a => a.Certificates is null) is { } agent)
            throw new SafeMarlException($"Agent '{agent.Name}' has no certificates{(Origin.Algorithm.Length > 0 ? $": its policy was made by {Origin.Algorithm}" : "")}. {AlgorithmNames.Mas3ac} learns them.");
    }

    /// <summary>The networks, each once however many agents share it.</summary>
    internal IReadOnlyList<IPolicyNetwork> Networks => _networks;

    /// <summary>Which network serves each agent in which way.</summary>
    internal IReadOnlyList<AgentNetwork> Shapes => _shapes;

    /// <summary>Writes the policy to a file, which appears whole or not at all.</summary>
    public void Save(string path) => AtomicFile.Write(path, Save);

    /// <summary>Writes the policy to a stream.</summary>
    public void Save(Stream stream) => ToFile(Enumerable.Range(0, Agents.Count), Origin).Write(stream);

    /// <summary>Reads a policy from a file.</summary>
    /// <exception cref="CorruptFileException">It is damaged, of another kind or of a newer version.</exception>
    public static Policy Load(string path) => FromFile(TensorFile.Load(path));

    /// <summary>Reads a policy from a stream, to its end.</summary>
    /// <exception cref="CorruptFileException">It is damaged, of another kind or of a newer version.</exception>
    public static Policy Load(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return FromBytes(memory.ToArray(), "stream");
    }

    /// <summary>A policy of its own with the same weights.</summary>
    internal Policy Copy(PolicyOrigin origin) => FromFile(ToFile(Enumerable.Range(0, Agents.Count), origin));

    /// <summary>The same policy, its certificates with thresholds of their alarms.</summary>
    /// <param name="alarms">Of each agent and cost.</param>
    internal Policy WithAlarms(IReadOnlyList<IReadOnlyList<AlarmThreshold>> alarms) =>
        Variant([.. _shapes.Select((shape, i) => shape with { Certificates = shape.Certificates! with { Alarms = alarms[i] } })], SafetyCard);

    /// <summary>The same policy with what is known of its safety.</summary>
    internal Policy WithSafetyCard(SafetyCard card) => Variant(_shapes, card);

    // Acts as this one does, by the same networks.
    private Policy Variant(AgentNetwork[] shapes, SafetyCard? card)
    {
        var policy = new Policy(_networks, shapes) { Origin = Origin, SafetyCard = card };
        for (int i = 0; i < Agents.Count; i++)
            Agents[i].Std.CopyTo(policy.Agents[i].Std);
        return policy;
    }

    /// <summary>Numbers that training could choose to make the agents act as they do; networks of equal weights count once, as shared ones may be stored once for each agent.</summary>
    public long CountParameters()
    {
        var counted = new HashSet<long>();
        long count = Agents.Sum(a => (long)a.Std.Length);
        foreach (int n in _shapes.Select(s => s.Network).Distinct())
        {
            long size = 0, weights = 0;
            foreach ((string name, long[] shape) in _networks[n].Shape.Parameters())
            {
                size += shape.Aggregate(1L, (a, b) => a * b);
                foreach (float weight in _networks[n].Get(name))
                    weights = RandomStream.Derive(weights, BitConverter.SingleToInt32Bits(weight));
            }
            count += counted.Add(weights) ? size : 0;
        }
        return count;
    }

    /// <summary>One policy from policies of one agent each.</summary>
    internal static Policy Combine(Policy[] parts)
    {
        int[] first = new int[parts.Length];
        for (int i = 1; i < parts.Length; i++)
            first[i] = first[i - 1] + parts[i - 1]._networks.Length;
        var policy = new Policy([.. parts.SelectMany(p => p._networks)], [.. parts.Select((p, i) => p._shapes[0].With(n => n + first[i]))]) { Origin = parts[0].Origin, SafetyCard = parts[0].SafetyCard };
        for (int i = 0; i < parts.Length; i++)
            parts[i].Agents[0].Std.CopyTo(policy.Agents[i].Std);
        return policy;
    }

    /// <summary>A file with some of the agents, each complete in itself.</summary>
    internal TensorFile ToFile(IEnumerable<int> agents, PolicyOrigin origin)
    {
        var file = new TensorFile();
        int[] chosen = [.. agents], used = [.. chosen.SelectMany(a => _shapes[a].Networks).Distinct()];
        file.SetMetadata(FormatKey, Format);
        file.SetMetadata(ManifestKey, new PolicyManifest(
            PolicyManifest.CurrentVersion, origin,
            [.. used.Select(n => _networks[n].Shape)],
            [.. chosen.Select(a => PolicyManifest.Agent.Of(_shapes[a].With(n => Array.IndexOf(used, n))))], SafetyCard).ToJson());
        for (int n = 0; n < used.Length; n++)
        {
            foreach ((string name, long[] shape) in _networks[used[n]].Shape.Parameters())
                file.Add<float>($"networks.{n}.{name}", _networks[used[n]].Get(name), shape);
        }
        for (int i = 0; i < chosen.Length; i++)
            file.Add<float>($"agents.{i}.std", Agents[chosen[i]].Std);
        return file;
    }

    internal static Policy FromBytes(ReadOnlyMemory<byte> bytes, string origin) => FromFile(TensorFile.Parse(bytes, origin));

    private static Policy FromFile(TensorFile file)
    {
        if (file.GetMetadata(FormatKey) != Format)
            throw file.Corrupt("it is not a policy file");
        try
        {
            PolicyManifest manifest = PolicyManifest.Parse(file.GetMetadata(ManifestKey));
            IPolicyNetwork[] networks = [.. manifest.Networks.Select((shape, i) => ReadNetwork(file, shape, i))];
            var policy = new Policy(networks, [.. manifest.Agents.Select(a => a.ToAgent())]) { Origin = manifest.Origin, SafetyCard = manifest.Safety };
            for (int i = 0; i < policy.Agents.Count; i++)
            {
                PolicyAgent agent = policy.Agents[i];
                if (agent.OutputSize != agent.Network.Shape.Alternatives)
                    throw file.Corrupt($"the network of agent '{agent.Name}' does not fit its actions");
                file.Get<float>($"agents.{i}.std", agent.Std.Length).CopyTo(agent.Std);
            }
            return policy;
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw file.Corrupt(e.Message, e);
        }
    }

    // Every array is asked for with its shape before the network is allocated, so sizes are bounded by the file's.
    private static IPolicyNetwork ReadNetwork(TensorFile file, NetworkShape shape, int index)
    {
        foreach ((string name, long[] sizes) in shape.Parameters())
            file.View<float>($"networks.{index}.{name}", sizes);
        var network = IPolicyNetwork.Create(shape);
        foreach ((string name, long[] sizes) in shape.Parameters())
            network.Set(name, file.View<float>($"networks.{index}.{name}", sizes));
        return network;
    }
}
