using SafeMarl.Environments;

namespace SafeMarl.ML.Training;

/// <summary>
/// A task with one more cost for every agent: 1 in the step in which the agent is lost, 0 in all others; how many were lost where costs are shared, unless each agent is to know of itself. So a barrier that
/// counts lost agents works wherever a task says which are.
/// </summary>
internal class LostAgentsCost : IMultiAgentEnvironment, IWarningSource
{
    private readonly ILosableAgents _inner;
    private readonly StepMemory _reported;
    private readonly bool[] _lost;

    private LostAgentsCost(ILosableAgents inner, string channel, bool individually)
    {
        EnvironmentSpec spec = inner.Spec;
        (_inner, _reported, _lost) = (inner, new StepMemory(spec, 1), new bool[spec.Agents.Count]);
        Spec = new EnvironmentSpec(
            spec.Name, [.. spec.Agents.Select(a => new AgentSpec(a.Name, a.ObservationSize, a.ActionSpace, [.. a.Costs, new CostChannel(channel)], a.Neighbors, a.OwnState))],
            spec.EpisodeLength, spec.StateSize, spec.SharedReward, spec.SharedCosts && !individually, spec.HasDeviation, spec.HasDisturbance);
    }

    /// <summary>The same task, with the cost where it is missing and lost agents are known.</summary>
    /// <param name="factory">Makes the task.</param>
    /// <param name="channel">Name of the cost.</param>
    /// <param name="individually">Whether each agent's cost is its own, even where all others are shared.</param>
    public static Func<IMultiAgentEnvironment> AddTo(Func<IMultiAgentEnvironment> factory, string channel, bool individually = false) => () => factory() switch
    {
        ILosableAgents task when task.Spec.Agents.Any(a => a.Costs.Any(c => c.Name == channel)) => task,
        ILosableAgents and IRestorableEnvironment task => new Restorable((ILosableAgents)task, channel, individually),
        ILosableAgents task => new LostAgentsCost(task, channel, individually),
        var task => task,
    };

    /// <inheritdoc/>
    public event Action<string>? Warning
    {
        add => Change(source => source.Warning += value);
        remove => Change(source => source.Warning -= value);
    }

    /// <inheritdoc/>
    public EnvironmentSpec Spec { get; }

    /// <inheritdoc/>
    public void Reset(long seed, StepBuffer step)
    {
        _inner.Reset(seed, _reported[0]);
        Array.Clear(_lost);
        CopyView(step);
    }

    /// <inheritdoc/>
    public EpisodeStatus Step(ReadOnlySpan<float> jointAction, StepBuffer step)
    {
        StepBuffer reported = _reported[0];
        EpisodeStatus status = _inner.Step(jointAction, reported);
        int lost = 0;
        for (int agent = 0; agent < _lost.Length; agent++)
        {
            bool newly = !_lost[agent] && _inner.IsLost(agent);
            _lost[agent] |= newly;
            lost += newly ? 1 : 0;
            step.Reward(agent) = reported.Reward(agent);
            reported.Costs(agent).CopyTo(step.Costs(agent));
            step.Costs(agent)[^1] = newly ? 1 : 0;
            if (Spec.HasDeviation)
                step.Deviation(agent) = reported.Deviation(agent);
            if (Spec.HasDisturbance)
                step.Disturbance(agent) = reported.Disturbance(agent);
        }
        for (int agent = 0; Spec.SharedCosts && agent < _lost.Length; agent++)
            step.Costs(agent)[^1] = lost;
        CopyView(step);
        return status;
    }

    /// <inheritdoc/>
    public void Dispose() => _inner.Dispose();

    private void CopyView(StepBuffer step)
    {
        StepBuffer reported = _reported[0];
        reported.State.CopyTo(step.State);
        for (int agent = 0; agent < _lost.Length; agent++)
        {
            reported.Observation(agent).CopyTo(step.Observation(agent));
            reported.ActionMask(agent).CopyTo(step.ActionMask(agent));
        }
    }

    private void Change(Action<IWarningSource> change)
    {
        if (_inner is IWarningSource source)
            change(source);
    }

    private sealed class Restorable(ILosableAgents inner, string channel, bool individually) : LostAgentsCost(inner, channel, individually), IRestorableEnvironment
    {
        public void SaveState(BinaryWriter writer) => ((IRestorableEnvironment)_inner).SaveState(writer);

        public void RestoreState(BinaryReader reader)
        {
            ((IRestorableEnvironment)_inner).RestoreState(reader);
            for (int agent = 0; agent < _lost.Length; agent++)
                _lost[agent] = _inner.IsLost(agent);
        }
    }
}
