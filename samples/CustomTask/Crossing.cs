using SafeMarl.Environments;

namespace SafeMarl.Samples;

/// <summary>
/// Two carts on tracks that cross. Both are rewarded for what either moves forward, and charged for every step in which they stand on the
/// crossing together: one has to let the other pass.
/// </summary>
internal sealed class Crossing : IMultiAgentEnvironment
{
    private const int Carts = 2, Length = 40;
    private const float Start = -1, End = 1, CrossingHalfWidth = 0.3f, MaxStep = 0.1f;

    private readonly float[] _position = new float[Carts];
    private int _steps;

    /// <summary>Each cart sees both positions, its own first, and chooses a speed from -1 (stand) to 1 (full ahead).</summary>
    public EnvironmentSpec Spec { get; } = new(
        "Crossing",
        [.. Enumerable.Range(0, Carts).Select(i => new AgentSpec($"cart_{i}", observationSize: 2, ActionSpace.Box(1, -1, 1), [new CostChannel("conflict")]))],
        episodeLength: Length, stateSize: 2, sharedReward: true, sharedCosts: true);

    public void Reset(long seed, StepBuffer step)
    {
        var random = new RandomStream(seed); // the seed decides everything
        foreach (ref float position in _position.AsSpan())
            position = Start + 0.2f * (float)random.NextDouble();
        _steps = 0;
        Observe(step);
    }

    public EpisodeStatus Step(ReadOnlySpan<float> jointAction, StepBuffer step)
    {
        InvalidActionException.ThrowIfInvalid(jointAction, Spec);
        float moved = 0;
        for (int i = 0; i < Carts; i++)
        {
            float before = _position[i];
            _position[i] = Math.Min(End, before + MaxStep * (Math.Clamp(jointAction[i], -1, 1) + 1) / 2);
            moved += _position[i] - before;
        }
        float conflict = _position.AsSpan().ContainsAnyExceptInRange(-CrossingHalfWidth, CrossingHalfWidth) ? 0 : 1;
        for (int i = 0; i < Carts; i++)
        {
            step.Reward(i) = moved - 0.05f; // time is worth something
            step.Cost(i) = conflict;        // never negative; 0 is safe
        }
        Observe(step);
        // Terminated: the task is over and nothing more can be earned. Truncated: it was only cut, and is worth what would have followed.
        return _position.AsSpan().IndexOfAnyExcept(End) < 0 ? EpisodeStatus.Terminated : ++_steps == Length ? EpisodeStatus.Truncated : EpisodeStatus.Running;
    }

    public void Dispose() { }

    private void Observe(StepBuffer step)
    {
        for (int i = 0; i < Carts; i++)
        {
            step.Observation(i)[0] = _position[i];
            step.Observation(i)[1] = _position[1 - i];
        }
        _position.CopyTo(step.State);
    }
}
