using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Files;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Optimization;

namespace SafeMarl.ML.Algorithms.OffPolicy;

/// <summary>What an agent of MAS3AC learns beside its policy: its critic and certificates, and the weights of their penalties.</summary>
internal sealed class Mas3acAgent : IDisposable
{
    private readonly string _name;
    private readonly bool _owns;

    /// <param name="index">Which agent.</param>
    /// <param name="task">The task.</param>
    /// <param name="inputs">What its functions look at.</param>
    /// <param name="options">How they learn.</param>
    /// <param name="shared">The agent whose networks serve this one too; null: it has its own.</param>
    /// <param name="seed">Seed of its weights.</param>
    /// <param name="placement">Where they live.</param>
    public Mas3acAgent(int index, TaskShape task, CriticInputs inputs, Mas3acOptions options, Mas3acAgent? shared, long seed, Placement placement)
    {
        AgentShape agent = task.Agents[index];
        (_name, _owns) = (agent.Name, shared is null);
        ActionValueSettings settings = OffPolicySettings.Critic(options);
        Reward = shared?.Reward ?? Make("critic", inputs.JointSize, options.TwinCritics ? 2 : 1, 0);
        Safety = shared?.Safety ?? [.. agent.CostChannels.Select((channel, k) => Make($"safety {channel}", inputs.JointSize, 1, 2 + k))];
        Stability = !task.HasDeviation ? null : shared?.Stability ?? Make("stability", inputs.StabilitySize(index), 1, 1);
        SafetyMultipliers = [.. agent.CostChannels.Select(_ => Multiplier())];
        (StabilityMultiplier, GainMultiplier) = (Multiplier(), Multiplier());
        Decay = new ScalarAdam(Math.Log(options.StabilityDecay / (1 - options.StabilityDecay)), learningRate: 0);

        ActionValue Make(string what, int size, int networks, int stream) =>
            new($"{_name} {what}", _name, size, networks, settings, RandomStream.Derive(seed, Streams.Weights, Streams.Critics, index, stream), placement);

        PenaltyMultiplier Multiplier() => new(options.InitialMultiplier, options.MaxMultiplier, options.MultiplierOptimizer == MultiplierOptimizer.Adam);
    }

    /// <summary>Q.</summary>
    public ActionValue Reward { get; }

    /// <summary>H (or R) of every cost.</summary>
    public IReadOnlyList<ActionValue> Safety { get; }

    /// <summary>V; null where the task reports no deviation.</summary>
    public ActionValue? Stability { get; }

    /// <summary>lambda 1 of every cost.</summary>
    public IReadOnlyList<PenaltyMultiplier> SafetyMultipliers { get; }

    /// <summary>lambda 2.</summary>
    public PenaltyMultiplier StabilityMultiplier { get; }

    /// <summary>lambda 3, of the condition on the gains between agents.</summary>
    public PenaltyMultiplier GainMultiplier { get; }

    /// <summary>rho, of which the sigmoid is the agent's own decay a.</summary>
    public ScalarAdam Decay { get; }

    /// <summary>H (or R) of every cost, and V.</summary>
    public IEnumerable<ActionValue> Certificates => Stability is null ? Safety : [.. Safety, Stability];

    /// <summary>All functions.</summary>
    public IEnumerable<ActionValue> Functions => [Reward, .. Certificates];

    /// <summary>Copies the certificates to where they travel with the policy.</summary>
    public void Publish(AgentCertificates certificates)
    {
        for (int k = 0; k < Safety.Count; k++)
            Safety[k].CopyTo(certificates.SafetyNetworks[k]);
        Stability?.CopyTo(certificates.StabilityNetwork!);
    }

    public void Save(TensorFile file)
    {
        if (_owns)
        {
            foreach (ActionValue function in Functions)
                function.Save(file);
        }
        foreach ((string name, PenaltyMultiplier multiplier) in Multipliers())
            multiplier.Save(file, name);
        Decay.Save(file, $"{_name} decay");
    }

    public void Load(TensorFile file)
    {
        if (_owns)
        {
            foreach (ActionValue function in Functions)
                function.Load(file);
        }
        foreach ((string name, PenaltyMultiplier multiplier) in Multipliers())
            multiplier.Load(file, name);
        Decay.Load(file, $"{_name} decay");
    }

    private IEnumerable<(string Name, PenaltyMultiplier Multiplier)> Multipliers() =>
        [.. SafetyMultipliers.Select((m, k) => ($"{_name} multiplier {k}", m)), ($"{_name} stability multiplier", StabilityMultiplier), ($"{_name} gain multiplier", GainMultiplier)];

    public void Dispose()
    {
        if (!_owns)
            return;
        foreach (ActionValue function in Functions)
            function.Dispose();
    }
}
