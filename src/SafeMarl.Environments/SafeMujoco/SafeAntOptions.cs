using SafeMarl.Environments.Mujoco;

namespace SafeMarl.Environments.SafeMujoco;

/// <summary>What ants are rewarded and charged for.</summary>
public enum AntObjective
{
    /// <summary>Safe MAMuJoCo: run along the corridor, away from its walls.</summary>
    Run,

    /// <summary>MAS3AC, appendix H: walk along the corridor at 0.7 m/s, away from its walls. The task reports a deviation.</summary>
    KeepSpeed,
}

/// <summary>Options of <see cref="SafeAnt"/>; the defaults are the published task, but for the walls.</summary>
public sealed record SafeAntOptions
{
    /// <summary>Steps after which an episode is truncated.</summary>
    public int EpisodeLength { get; init; } = 1000;

    /// <summary>What the agents are rewarded and charged for.</summary>
    public AntObjective Objective { get; init; } = AntObjective.Run;

    /// <summary>Whether each of eight agents gets the signals of its own leg; for <see cref="AntObjective.KeepSpeed"/>.</summary>
    public bool NonCooperative { get; init; }

    /// <summary>Which joints the partition gives to an agent. Agents with signals of their own have their own legs in any case.</summary>
    public JointAssignment Partition { get; init; } = JointAssignment.AsPublished;

    /// <summary>What the corridor's walls are. The cost uses the corridor's lines in any case.</summary>
    public CorridorWalls Walls { get; init; } = CorridorWalls.Visual; // published: Free, which is seven times slower and moves the robot alike

    /// <summary>Agents on either side along the chain of joints whose joints an agent sees beside its own; null: it sees the whole state.</summary>
    public int? Neighborhood { get; init; }

    /// <summary>Each observation is shifted and scaled to mean 0 and standard deviation 1 over its own entries, as published.</summary>
    public bool StandardizeObservations { get; init; } = true;

    /// <summary>Random pushes on the robots.</summary>
    public Disturbance Disturbance { get; init; } = Disturbance.None;

    /// <summary>What happens when the simulation diverges.</summary>
    public DivergenceBehavior OnDivergence { get; init; } = DivergenceBehavior.Terminate;
}
