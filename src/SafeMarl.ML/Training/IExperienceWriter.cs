using SafeMarl.Environments;

namespace SafeMarl.ML.Training;

/// <summary>Where a collector puts what it sees. Environments may be written by different threads at the same time, each by one.</summary>
internal interface IExperienceWriter
{
    /// <summary>What the agents of an environment saw before a step, and what they did.</summary>
    /// <param name="step">Step of the collection, from 0.</param>
    /// <param name="environment">Which environment.</param>
    /// <param name="seen">Observations and masks.</param>
    /// <param name="state">What centralised critics see.</param>
    /// <param name="jointAction">The actions of all agents.</param>
    /// <param name="logProbs">Log-probability of each agent's action <c>[A]</c>.</param>
    void Write(int step, int environment, StepBuffer seen, ReadOnlySpan<float> state, ReadOnlySpan<float> jointAction, ReadOnlySpan<float> logProbs);

    /// <summary>What the step brought.</summary>
    /// <param name="step">Step of the collection.</param>
    /// <param name="environment">Which environment.</param>
    /// <param name="signals">Rewards, costs, deviations and disturbances.</param>
    /// <param name="status">How the step left the episode.</param>
    /// <param name="after">What the agents saw after it; the episode's own end, where it ended.</param>
    /// <param name="stateAfter">What centralised critics see after it.</param>
    void Write(int step, int environment, StepBuffer signals, EpisodeStatus status, StepBuffer after, ReadOnlySpan<float> stateAfter);

    /// <summary>All running episodes are given up: new ones begin with the next step.</summary>
    void Interrupt();
}
