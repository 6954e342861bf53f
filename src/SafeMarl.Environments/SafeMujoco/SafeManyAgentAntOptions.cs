using SafeMarl.Environments.Mujoco;

namespace SafeMarl.Environments.SafeMujoco;

/// <summary>How much of a many-agent ant is seen, and begins with noise.</summary>
public enum ManyAgentAntObservation
{
    /// <summary>
    /// What the published task leaves of the robot by cutting off six walls where two are: of six segments the height and the velocities of the head, of
    /// eight also its orientation, the joints of the first segment and the joint velocities of the first two.
    /// </summary>
    AsPublished,

    /// <summary>The whole robot.</summary>
    Full,
}

/// <summary>Options of <see cref="SafeManyAgentAnt"/>; the defaults are the published task, but for the walls.</summary>
public sealed record SafeManyAgentAntOptions
{
    /// <summary>Steps after which an episode is truncated.</summary>
    public int EpisodeLength { get; init; } = 1000;

    /// <summary>What the corridor's walls are. The cost uses the corridor's lines in any case.</summary>
    public CorridorWalls Walls { get; init; } = CorridorWalls.Visual; // published: Free, which is three times slower

    /// <summary>How much of the robot is seen, and begins with noise.</summary>
    public ManyAgentAntObservation Observation { get; init; } = ManyAgentAntObservation.AsPublished;

    /// <summary>Each observation is shifted and scaled to mean 0 and standard deviation 1 over its own entries, as published.</summary>
    public bool StandardizeObservations { get; init; } = true;

    /// <summary>Random pushes on the robot, at its middle.</summary>
    public Disturbance Disturbance { get; init; } = Disturbance.None;

    /// <summary>What happens when the simulation diverges.</summary>
    public DivergenceBehavior OnDivergence { get; init; } = DivergenceBehavior.Terminate;
}
