using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Policies;

namespace SafeMarl.ML.Training;

/// <summary>Writes what a collector sees into records of a <see cref="TransitionLayout"/>, with actions as critics see them.</summary>
internal static class TransitionWriter
{
    public static void WriteView(Span<float> record, TransitionLayout layout, EnvironmentSpec spec, StepBuffer seen, ReadOnlySpan<float> state)
    {
        for (int agent = 0; agent < spec.Agents.Count; agent++)
        {
            seen.ActionMask(agent).CopyTo(record[layout.Mask(agent)]);
            seen.Observation(agent).CopyTo(record[layout.Observation(agent)]);
        }
        state.CopyTo(record[layout.State]);
    }

    public static void WriteActions(Span<float> record, TransitionLayout layout, EnvironmentSpec spec, ReadOnlySpan<float> jointAction)
    {
        for (int agent = 0; agent < spec.Agents.Count; agent++)
            ActionEncoding.Encode(spec.Agents[agent].ActionSpace, jointAction[spec.Layout.Action(agent)], record[layout.Action(agent)]);
    }

    public static void WriteSignals(Span<float> record, TransitionLayout layout, EnvironmentSpec spec, StepBuffer signals)
    {
        for (int agent = 0; agent < spec.Agents.Count; agent++)
        {
            record[layout.Reward(agent)] = signals.Reward(agent);
            for (int channel = 0; channel < spec.Agents[agent].Costs.Count; channel++)
                record[layout.Cost(agent, channel)] = signals.Cost(agent, channel);
            if (spec.HasDeviation)
                record[layout.Deviation(agent)] = signals.Deviation(agent);
            if (spec.HasDisturbance)
                record[layout.Disturbance(agent)] = signals.Disturbance(agent);
        }
    }
}
