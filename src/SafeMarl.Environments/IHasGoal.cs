namespace SafeMarl.Environments;

/// <summary>
/// An environment with a goal that an episode reaches or not: a battle won, a parcel delivered. Evaluations report in how many episodes it was reached. What ends an episode does not say it:
/// <see cref="EpisodeStatus.Terminated"/> is success as well as failure.
/// </summary>
public interface IHasGoal : IMultiAgentEnvironment
{
    /// <summary>Whether the goal is reached as of the last step. It is not after a reset.</summary>
    bool GoalReached { get; }
}
