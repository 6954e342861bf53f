namespace SafeMarl.Environments;

/// <summary>
/// An environment whose agents can be lost before an episode ends: units that die, robots that fall, cars that crash. What ends an episode alone does not say it:
/// <see cref="EpisodeStatus.Terminated"/> is success as well as failure.
/// </summary>
public interface ILosableAgents : IMultiAgentEnvironment
{
    /// <summary>Whether an agent is lost as of the last step. Nobody is after a reset, and who is lost remains so until the next.</summary>
    /// <param name="agent">Index of the agent.</param>
    bool IsLost(int agent);
}
