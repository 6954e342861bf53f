namespace SafeMarl.ML.Algorithms;

/// <summary>
/// Names of the random streams that a run's seed is split into: each draw comes from a stream derived from (seed, purpose, where, when), so
/// no stream has to be saved and no draw depends on how many others were made before.
/// </summary>
internal static class Streams
{
    /// <summary>Initial weights.</summary>
    public const long Weights = 1;

    /// <summary>Order of samples and of agents in an update.</summary>
    public const long Minibatches = 2;

    /// <summary>Actions in rollouts.</summary>
    public const long Actions = 3;

    /// <summary>Episodes of environments.</summary>
    public const long Episodes = 4;

    /// <summary>Batches from a replay.</summary>
    public const long Replay = 5;

    /// <summary>Draws of actions in an update.</summary>
    public const long Noise = 6;

    /// <summary>Within weights and minibatches: those of critics.</summary>
    public const long Critics = 10;

    /// <summary>Within weights and minibatches: those of actors.</summary>
    public const long Actors = 11;

    /// <summary>Within minibatches and noise: the order of agents.</summary>
    public const long Agents = 12;
}
