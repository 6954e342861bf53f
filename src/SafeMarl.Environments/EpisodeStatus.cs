namespace SafeMarl.Environments;

/// <summary>How an episode stands after a step. The two endings are never folded together: only a termination has value 0 beyond it.</summary>
public enum EpisodeStatus : byte
{
    /// <summary>The episode goes on.</summary>
    Running,

    /// <summary>The task itself ended the episode (success or failure): nothing follows, and returns are not bootstrapped.</summary>
    Terminated,

    /// <summary>The episode was cut, usually by its step limit: the task would have gone on, and returns bootstrap from the last state.</summary>
    Truncated,
}
