using SafeMarl.Environments;
using SafeMarl.ML.Policies;

namespace SafeMarl.ML.Tests.Support;

/// <summary>Small policies with random weights.</summary>
internal static class TestPolicies
{
    /// <summary>What a verification might have found out.</summary>
    public static SafetyCard Card { get; } = new()
    {
        Task = "Toy", Cost = "far", Seed = 3, Deterministic = true, Episodes = 100, DistinctEpisodes = 100, MaxLosses = 2, UnsafeEpisodes = 5, MeanLosses = 0.7, Confidence = 0.95, Candidates = 1,
        Epsilon = 0.102253, ChosenLimit = new ChosenLimit(0, 4, 0.029513), Theorem = new TheoremComparison(50, 0.7), Date = new DateTimeOffset(2026, 11, 26, 15, 0, 0, TimeSpan.Zero), LibraryVersion = "1.0.0",
    };

    public static Policy Box(int observation, int actions, int agents = 2) => Create(observation, ActionSpace.Box(actions, -1, 1), agents);

    public static Policy Choice(int observation, int alternatives, bool masked, int agents = 2) => Create(observation, ActionSpace.Discrete(alternatives, masked), agents);

    /// <summary>Actions in a box that is not [-1, 1], squashed into it.</summary>
    public static Policy Squashed(int observation, int actions, int agents = 2) => Create(observation, ActionSpace.Box(actions, -2, 3), agents, PolicyHead.SquashedGaussian);

    /// <summary>Agents of every kind.</summary>
    public static Policy Mixed() => Combine(Box(3, 2, 1), Choice(2, 4, masked: true, 1), Choice(5, 3, masked: false, 1), Squashed(4, 2, 1));

    private static Policy Combine(params Policy[] parts) => new(
        [.. parts.SelectMany(p => p.Networks)], [.. parts.SelectMany(p => p.Shapes).Select((shape, i) => shape with { Name = $"agent_{i}", Network = i })]);

    private static Policy Create(int observation, ActionSpace space, int agents, PolicyHead? other = null)
    {
        var random = new RandomStream(7);
        PolicyHead head = other ?? (space.IsDiscrete ? PolicyHead.Categorical : PolicyHead.Gaussian);
        var networks = new DenseNetwork[agents];
        for (int i = 0; i < agents; i++)
        {
            networks[i] = new DenseNetwork(new NetworkShape(observation, AgentNetwork.OutputsOf(space, head), 16, 2, Activation.ReLU, true, true));
            foreach ((string name, long[] shape) in networks[i].Shape.Parameters())
            {
                var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
                foreach (ref float value in values.AsSpan())
                    value = (float)random.NextGaussian();
                networks[i].Set(name, values);
            }
        }
        var policy = new Policy(networks, [.. Enumerable.Range(0, agents).Select(i => new AgentNetwork($"agent_{i}", space, head, i))]);
        foreach (PolicyAgent agent in policy.Agents)
            agent.Std.Fill(0.3f);
        return policy;
    }
}
