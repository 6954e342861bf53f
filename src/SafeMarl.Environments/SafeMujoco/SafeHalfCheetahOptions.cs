namespace SafeMarl.Environments.SafeMujoco;

/// <summary>What an agent of a robot task observes.</summary>
public enum ObservationScope
{
    /// <summary>The whole state and which agent it is, as in the published tasks.</summary>
    FullState,

    /// <summary>The agent's own joints, the body, and which agent it is.</summary>
    OwnJoints,
}

/// <summary>What cheetahs are rewarded and charged for.</summary>
public enum CheetahObjective
{
    /// <summary>Safe MAMuJoCo: run, and do not come near the moving wall.</summary>
    Run,

    /// <summary>MAS3AC, appendix H: keep 12 m behind the moving wall, and never come too near. The task reports a deviation.</summary>
    KeepDistance,
}

/// <summary>Options of <see cref="SafeHalfCheetah"/>; the defaults are the published task.</summary>
public sealed record SafeHalfCheetahOptions
{
    /// <summary>Steps after which an episode is truncated.</summary>
    public int EpisodeLength { get; init; } = 1000;

    /// <summary>What the agents are rewarded and charged for.</summary>
    public CheetahObjective Objective { get; init; } = CheetahObjective.Run;

    /// <summary>Which joints the partition gives to an agent.</summary>
    public JointAssignment Partition { get; init; } = JointAssignment.AsPublished;

    /// <summary>What an agent observes.</summary>
    public ObservationScope Observation { get; init; } = ObservationScope.FullState;

    /// <summary>Each observation is shifted and scaled to mean 0 and standard deviation 1 over its own entries, as published.</summary>
    public bool StandardizeObservations { get; init; } = true;

    /// <summary>The control cost in the reward uses the action that acts, clipped to [-1, 1]; published: the action as proposed.</summary>
    public bool ClipControlCost { get; init; }

    /// <summary>Random pushes on the robots.</summary>
    public Disturbance Disturbance { get; init; } = Disturbance.None;

    /// <summary>What happens when the simulation diverges.</summary>
    public DivergenceBehavior OnDivergence { get; init; } = DivergenceBehavior.Terminate;
}
