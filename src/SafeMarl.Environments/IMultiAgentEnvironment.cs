namespace SafeMarl.Environments;

/// <summary>
/// A task for several agents, with rewards and safety costs. One instance is used by one thread at a time.
/// <see cref="EnvironmentChecker"/> checks an implementation against everything that is said here.
/// </summary>
/// <remarks>
/// The seed given to <see cref="Reset"/> decides everything that is random until the next reset: same seed and same actions give the same
/// bits. Neither method allocates. Actions of a box that lie outside its bounds are clipped by the environment; a non-finite action is an
/// <see cref="InvalidActionException"/>.
/// </remarks>
public interface IMultiAgentEnvironment : IDisposable
{
    /// <summary>The fixed description of the task.</summary>
    EnvironmentSpec Spec { get; }

    /// <summary>Begins an episode and writes what the agents see (observations, state, masks) to <paramref name="step"/>.</summary>
    void Reset(long seed, StepBuffer step);

    /// <summary>Lets every agent act once and writes everything to <paramref name="step"/>.</summary>
    /// <param name="jointAction">The actions of all agents, laid out by <see cref="StepLayout.Action(int)"/>.</param>
    /// <param name="step">Receives what the agents see and are rewarded and charged with.</param>
    /// <returns>Whether the episode goes on. After an ending only <see cref="Reset"/> may be called.</returns>
    EpisodeStatus Step(ReadOnlySpan<float> jointAction, StepBuffer step);
}

/// <summary>An environment whose state can be written and read back, so that a run resumes with the same bits.</summary>
public interface IRestorableEnvironment : IMultiAgentEnvironment
{
    /// <summary>Writes everything that the rest of the episode depends on.</summary>
    void SaveState(BinaryWriter writer);

    /// <summary>Reads what <see cref="SaveState"/> wrote; the next call may be <see cref="IMultiAgentEnvironment.Step"/>.</summary>
    void RestoreState(BinaryReader reader);
}

/// <summary>An environment that can tell of something unusual that did not stop it, such as a simulation that diverged.</summary>
public interface IWarningSource
{
    /// <summary>Raised on the thread that steps the environment.</summary>
    event Action<string>? Warning;
}
