using SafeMarl.Environments;
using SafeMarl.ML.Buffers;

namespace SafeMarl.ML.Training;

/// <summary>Writes what a collector sees into a replay of episodes.</summary>
internal sealed class EpisodeWriter(EpisodeReplay replay, EnvironmentSpec spec) : IExperienceWriter
{
    public void Write(int step, int environment, StepBuffer seen, ReadOnlySpan<float> state, ReadOnlySpan<float> jointAction, ReadOnlySpan<float> logProbs)
    {
        Span<float> record = replay.Record(environment);
        TransitionWriter.WriteView(record, replay.Layout, spec, seen, state);
        TransitionWriter.WriteActions(record, replay.Layout, spec, jointAction);
    }

    public void Write(int step, int environment, StepBuffer signals, EpisodeStatus status, StepBuffer after, ReadOnlySpan<float> stateAfter)
    {
        TransitionWriter.WriteSignals(replay.Record(environment), replay.Layout, spec, signals);
        replay.EndStep(environment);
        if (status == EpisodeStatus.Running)
            return;
        TransitionWriter.WriteView(replay.Record(environment), replay.Layout, spec, after, stateAfter);
        replay.EndEpisode(environment, status == EpisodeStatus.Terminated);
    }

    public void Interrupt() => replay.Interrupt();
}
