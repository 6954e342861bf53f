namespace SafeMarl.Environments.Games;

/// <summary>
/// A two-step cooperative game with one cost per agent. In the first step the first agent chooses between a quiet room (payoff 3 in the
/// second step whatever happens) and a busy room (payoffs {{5, 5}, {5, 8}}). Entering the busy room costs the first agent 1; choosing
/// alternative 1 there costs the second agent 1. The constrained optimum is known exactly, see <see cref="Solve"/>.
/// </summary>
public sealed class ConstrainedTwoStepGame : IRestorableEnvironment
{
    private const int Start = 0, Quiet = 1, Busy = 2;
    private const double QuietPayoff = 3, BusyPayoff = 5, BestPayoff = 8;

    private int _room;

    /// <summary>Makes the game.</summary>
    public ConstrainedTwoStepGame() => Spec = new EnvironmentSpec("ConstrainedTwoStepGame",
        [
            new AgentSpec("agent_0", 3, ActionSpace.Discrete(2), [new CostChannel("entry")], [1]),
            new AgentSpec("agent_1", 3, ActionSpace.Discrete(2), [new CostChannel("strain")], [0]),
        ],
        episodeLength: 2, stateSize: 3, sharedReward: true);

    /// <inheritdoc/>
    public EnvironmentSpec Spec { get; }

    /// <inheritdoc/>
    public void Reset(long seed, StepBuffer step)
    {
        _room = Start;
        Observe(step);
    }

    /// <inheritdoc/>
    public EpisodeStatus Step(ReadOnlySpan<float> jointAction, StepBuffer step)
    {
        InvalidActionException.ThrowIfInvalid(jointAction, Spec);
        bool first = jointAction[0] == 1, second = jointAction[1] == 1, starting = _room == Start;
        double reward = _room switch
        {
            Start => 0,
            Quiet => QuietPayoff,
            _ => first && second ? BestPayoff : BusyPayoff,
        };
        step.Reward(0) = step.Reward(1) = (float)reward;
        step.Cost(0) = starting && first ? 1 : 0;
        step.Cost(1) = _room == Busy && second ? 1 : 0;
        if (starting)
            _room = first ? Busy : Quiet;
        Observe(step);
        return starting ? EpisodeStatus.Running : EpisodeStatus.Terminated;
    }

    /// <summary>The exact optimum when the expected costs of an episode are limited.</summary>
    /// <remarks>
    /// With p = P(busy), q = P(second agent chooses 1 | busy) and w = p q, and the first agent choosing 1 in the busy room, the return is
    /// 3 (1 - p) + 5 p + 3 w, linear on {0 &lt;= w &lt;= p &lt;= min(1, entry limit), w &lt;= strain limit}; it increases in both, so
    /// the optimum is p = min(1, entry limit), w = min(p, strain limit).
    /// </remarks>
    public static ConstrainedOptimum Solve(double entryLimit = double.PositiveInfinity, double strainLimit = double.PositiveInfinity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(entryLimit);
        ArgumentOutOfRangeException.ThrowIfNegative(strainLimit);
        double p = Math.Min(1, entryLimit), w = Math.Min(p, strainLimit);
        return new ConstrainedOptimum(QuietPayoff * (1 - p) + BusyPayoff * p + (BestPayoff - BusyPayoff) * w, [p, w]);
    }

    /// <inheritdoc/>
    public void SaveState(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(_room);
    }

    /// <inheritdoc/>
    public void RestoreState(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _room = reader.ReadInt32();
    }

    /// <inheritdoc/>
    public void Dispose() { }

    private void Observe(StepBuffer step)
    {
        step.State.Clear();
        step.State[_room] = 1;
        step.State.CopyTo(step.Observation(0));
        step.State.CopyTo(step.Observation(1));
    }
}
