using SafeMarl.Environments;
using SafeMarl.ML.Buffers;

namespace SafeMarl.ML.Training;

/// <summary>Writes a collection of T steps into a buffer of one rollout.</summary>
internal sealed class RolloutWriter(RolloutBuffer buffer, EnvironmentSpec spec) : IExperienceWriter
{
    public void Write(int step, int environment, StepBuffer seen, ReadOnlySpan<float> state, ReadOnlySpan<float> jointAction, ReadOnlySpan<float> logProbs)
    {
        int sample = buffer.Sample(step, environment);
        state.CopyTo(buffer.State(sample));
        for (int agent = 0; agent < logProbs.Length; agent++)
        {
            seen.Observation(agent).CopyTo(buffer.Observation(agent, sample));
            seen.ActionMask(agent).CopyTo(buffer.Mask(agent, sample));
            jointAction[spec.Layout.Action(agent)].CopyTo(buffer.Action(agent, sample));
            buffer.LogProb(agent, sample) = logProbs[agent];
        }
    }

    public void Write(int step, int environment, StepBuffer signals, EpisodeStatus status, StepBuffer after, ReadOnlySpan<float> stateAfter)
    {
        int sample = buffer.Sample(step, environment);
        for (int agent = 0; agent < spec.Agents.Count; agent++)
        {
            buffer.Reward(agent, sample) = signals.Reward(agent);
            for (int channel = 0; channel < spec.Agents[agent].Costs.Count; channel++)
                buffer.Cost(agent, channel, sample) = signals.Cost(agent, channel);
        }
        buffer.Ended(sample) = status != EpisodeStatus.Running;
        if (status == EpisodeStatus.Truncated || (status == EpisodeStatus.Running && step == buffer.Steps - 1))
        {
            var observations = new float[spec.Agents.Count][];
            for (int agent = 0; agent < observations.Length; agent++)
                observations[agent] = after.Observation(agent).ToArray();
            buffer.Bootstrap(environment, sample, stateAfter.ToArray(), observations);
        }
    }

    // A rollout begins with the episodes that there are.
    public void Interrupt() { }
}
