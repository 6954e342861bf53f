using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Policies;

namespace SafeMarl.ML.Training;

/// <summary>Writes what a collector sees into a replay, with actions as critics see them.</summary>
internal sealed class ReplayWriter(ReplayBuffer replay, EnvironmentSpec spec) : IExperienceWriter
{
    private TransitionLayout Layout => replay.Layout;

    public void Write(int step, int environment, StepBuffer seen, ReadOnlySpan<float> state, ReadOnlySpan<float> jointAction, ReadOnlySpan<float> logProbs)
    {
        if (!replay.IsOpen(environment))
            WriteView(environment, seen, state);
        Span<float> record = replay.Record(environment);
        for (int agent = 0; agent < spec.Agents.Count; agent++)
            ActionEncoding.Encode(spec.Agents[agent].ActionSpace, jointAction[spec.Layout.Action(agent)], record[Layout.Action(agent)]);
    }

    public void Write(int step, int environment, StepBuffer signals, EpisodeStatus status, StepBuffer after, ReadOnlySpan<float> stateAfter)
    {
        Span<float> record = replay.Record(environment);
        for (int agent = 0; agent < spec.Agents.Count; agent++)
        {
            record[Layout.Reward(agent)] = signals.Reward(agent);
            for (int channel = 0; channel < spec.Agents[agent].Costs.Count; channel++)
                record[Layout.Cost(agent, channel)] = signals.Cost(agent, channel);
            if (spec.HasDeviation)
                record[Layout.Deviation(agent)] = signals.Deviation(agent);
            if (spec.HasDisturbance)
                record[Layout.Disturbance(agent)] = signals.Disturbance(agent);
        }
        replay.EndStep(environment, terminated: status == EpisodeStatus.Terminated, truncated: status == EpisodeStatus.Truncated);
        WriteView(environment, after, stateAfter);
        if (status != EpisodeStatus.Running)
            replay.EndEpisode(environment);
    }

    public void Interrupt() => replay.Interrupt();

    private void WriteView(int environment, StepBuffer seen, ReadOnlySpan<float> state)
    {
        Span<float> record = replay.Record(environment);
        for (int agent = 0; agent < spec.Agents.Count; agent++)
        {
            seen.ActionMask(agent).CopyTo(record[Layout.Mask(agent)]);
            seen.Observation(agent).CopyTo(record[Layout.Observation(agent)]);
        }
        state.CopyTo(record[Layout.State]);
        replay.IsOpen(environment) = true;
    }
}
