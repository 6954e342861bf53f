using System.Collections.Concurrent;
using SafeMarl.Environments;
using SafeMarl.ML.Policies;

namespace SafeMarl.ML.Tests.Support;

/// <summary>
/// Three agents of whom some are lost, whatever they do: none in half of the episodes, else one, two or all with equal chances, in the second of three steps. It
/// terminates without them as with them; its goal is that all come back. Each agent is charged 0.5 a step.
/// </summary>
internal sealed class Expedition(bool sharedCosts = false, bool sameEveryTime = false, ConcurrentBag<long>? seeds = null) : ILosableAgents, IHasGoal
{
    private const int Agents = 3, Length = 3;

    private int _toLose, _steps;

    public EnvironmentSpec Spec { get; } = new(
        "Expedition", [.. Enumerable.Range(0, Agents).Select(i => new AgentSpec($"agent_{i}", 1, ActionSpace.Box(1, -1, 1), [new CostChannel("effort"), new CostChannel("none")]))], Length,
        sharedCosts: sharedCosts);

    /// <summary>How many agents an episode with this seed loses.</summary>
    public static int LossesOf(long seed)
    {
        var random = new RandomStream(seed);
        return random.NextInt(2) == 0 ? 0 : 1 + random.NextInt(Agents);
    }

    /// <summary>Agents of equal networks with 6 weights: 1 hidden unit of 1 number, then the 2 outputs of a squashed Gaussian.</summary>
    public static Policy IdlePolicy() => new(
        [.. Enumerable.Range(0, Agents).Select(_ => new DenseNetwork(new NetworkShape(1, 2, 1, 1, Activation.ReLU, false, false)))],
        [.. Enumerable.Range(0, Agents).Select(i => new AgentNetwork($"agent_{i}", ActionSpace.Box(1, -1, 1), PolicyHead.SquashedGaussian, i))]);

    public void Reset(long seed, StepBuffer step)
    {
        seeds?.Add(seed);
        (_toLose, _steps) = (sameEveryTime ? 1 : LossesOf(seed), 0);
        Observe(step);
    }

    public EpisodeStatus Step(ReadOnlySpan<float> jointAction, StepBuffer step)
    {
        InvalidActionException.ThrowIfInvalid(jointAction, Spec);
        _steps++;
        for (int agent = 0; agent < Agents; agent++)
            (step.Reward(agent), step.Cost(agent, 0), step.Cost(agent, 1)) = (0, 0.5f, 0);
        Observe(step);
        return _steps < Length ? EpisodeStatus.Running : EpisodeStatus.Terminated;
    }

    public bool IsLost(int agent) => _steps >= 2 && agent < _toLose;

    public bool GoalReached => _steps == Length && _toLose == 0;

    public void Dispose() { }

    private void Observe(StepBuffer step)
    {
        for (int agent = 0; agent < Agents; agent++)
            step.Observation(agent)[0] = _toLose;
    }
}
