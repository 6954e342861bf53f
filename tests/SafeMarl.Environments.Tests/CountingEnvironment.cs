namespace SafeMarl.Environments.Tests;

/// <summary>
/// Two agents, an observation that counts steps, and one thing that can be made wrong at a time. Episodes end by <paramref name="ending"/>
/// after <paramref name="length"/> steps.
/// </summary>
internal sealed class CountingEnvironment(int length = 4, EpisodeStatus ending = EpisodeStatus.Truncated, CountingEnvironment.Fault fault = CountingEnvironment.Fault.None)
    : ILosableAgents
{
    private static long _created;

    private readonly long _instance = Interlocked.Increment(ref _created);
    private long _seed;
    private int _steps;
    private bool _hasReset;

    public enum Fault
    {
        None, NaNObservation, UnwrittenState, NegativeCost, InfiniteReward, UnequalSharedReward, NeverEnds, Allocates, IgnoresSeed, SurvivesReset, EmptyMask, AcceptsNaN,
        ThrowsInStep, NegativeDeviation, NegativeDisturbance, ClearsSignalsInReset,
        LosesInReset, RevivesAgents,
    }

    public int Disposals { get; private set; }

    public EnvironmentSpec Spec { get; } = new(
        "Counting",
        [
            new AgentSpec("box", 2, ActionSpace.Box(2, -1, 1), [new CostChannel("a"), new CostChannel("b")]),
            new AgentSpec("choice", 1, ActionSpace.Discrete(3, masked: true), [new CostChannel("a")]),
        ],
        length, stateSize: 2, sharedReward: true, hasDeviation: true, hasDisturbance: true);

    public void Reset(long seed, StepBuffer step)
    {
        _seed = fault == Fault.IgnoresSeed ? _instance : seed;
        if (fault != Fault.SurvivesReset || !_hasReset)
            _steps = 0;
        _hasReset = true;
        if (fault == Fault.ClearsSignalsInReset)
        {
            for (int agent = 0; agent < 2; agent++)
            {
                step.Reward(agent) = 0;
                step.Costs(agent).Clear();
            }
        }
        Observe(step);
    }

    public bool IsLost(int agent) => fault switch
    {
        Fault.LosesInReset => agent == 1,
        Fault.RevivesAgents => agent == 1 && _steps == 2,
        _ => agent == 1 && _steps >= 2,
    };

    public EpisodeStatus Step(ReadOnlySpan<float> jointAction, StepBuffer step)
    {
        if (fault == Fault.ThrowsInStep && _steps == 2)
            throw new InvalidOperationException("broken on purpose");
        if (fault != Fault.AcceptsNaN)
            InvalidActionException.ThrowIfInvalid(jointAction, Spec);
        _steps++;
        Observe(step);
        if (fault == Fault.Allocates)
            GC.KeepAlive(new object());
        for (int agent = 0; agent < 2; agent++)
        {
            step.Reward(agent) = _steps + (fault == Fault.UnequalSharedReward ? agent : 0);
            step.Costs(agent).Fill(fault == Fault.NegativeCost ? -1 : agent);
            step.Deviation(agent) = fault == Fault.NegativeDeviation ? -1 : 0;
            step.Disturbance(agent) = fault == Fault.NegativeDisturbance ? -1 : 0;
        }
        if (fault == Fault.InfiniteReward)
            step.Reward(0) = step.Reward(1) = float.PositiveInfinity;
        return _steps % length == 0 && fault != Fault.NeverEnds ? ending : EpisodeStatus.Running;
    }

    public void Dispose() => Disposals++;

    private void Observe(StepBuffer step)
    {
        step.Observation(0)[0] = fault == Fault.NaNObservation ? float.NaN : _steps;
        step.Observation(0)[1] = _seed % 1000;
        step.Observation(1)[0] = -_steps;
        step.ActionMask(1).Clear();
        if (fault != Fault.EmptyMask)
            step.ActionMask(1)[_steps % 3] = 1;
        step.State[0] = _steps;
        if (fault != Fault.UnwrittenState)
            step.State[1] = 1;
    }
}
