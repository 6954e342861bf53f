using SafeMarl.Environments.Mujoco;

namespace SafeMarl.Environments.SafeMujoco;

/// <summary>Options of <see cref="CoupledHalfCheetah"/>; the defaults are MAS3AC's tasks.</summary>
public sealed record CoupledHalfCheetahOptions
{
    /// <summary>Steps after which an episode is truncated.</summary>
    public int EpisodeLength { get; init; } = 1000;

    /// <summary>What the agents are rewarded and charged for.</summary>
    public CheetahObjective Objective { get; init; } = CheetahObjective.KeepDistance;

    /// <summary>Whether each agent gets the signals of its own body instead of those of both; for <see cref="CheetahObjective.KeepDistance"/>.</summary>
    public bool NonCooperative { get; init; }

    /// <summary>Where the walls are.</summary>
    public CoupledGeometry Geometry { get; init; } = CoupledGeometry.WallAhead;

    /// <summary>Agents on either side along the chain of joints whose joints an agent sees beside its own; null: it sees the whole state.</summary>
    public int? Neighborhood { get; init; }

    /// <summary>Each observation is shifted and scaled to mean 0 and standard deviation 1 over its own entries, as published.</summary>
    public bool StandardizeObservations { get; init; } // off: distances are what the certificates are about, and this would hide them

    /// <summary>Random pushes on the robots.</summary>
    public Disturbance Disturbance { get; init; } = Disturbance.None;

    /// <summary>What happens when the simulation diverges.</summary>
    public DivergenceBehavior OnDivergence { get; init; } = DivergenceBehavior.Terminate;
}
