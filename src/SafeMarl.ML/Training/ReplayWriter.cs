using SafeMarl.Environments;
using SafeMarl.ML.Buffers;

namespace SafeMarl.ML.Training;

/// <summary>Writes what a collector sees into a replay of transitions.</summary>
internal sealed class ReplayWriter(ReplayBuffer replay, EnvironmentSpec spec) : IExperienceWriter
{
    public void Write(int step, int environment, StepBuffer seen, ReadOnlySpan<float> state, ReadOnlySpan<float> jointAction, ReadOnlySpan<float> logProbs)
    {
        if (!replay.IsOpen(environment))
            WriteView(environment, seen, state);
        TransitionWriter.WriteActions(replay.Record(environment), replay.Layout, spec, jointAction);
    }

    public void Write(int step, int environment, StepBuffer signals, EpisodeStatus status, StepBuffer after, ReadOnlySpan<float> stateAfter)
    {
        TransitionWriter.WriteSignals(replay.Record(environment), replay.Layout, spec, signals);
        replay.EndStep(environment, terminated: status == EpisodeStatus.Terminated, truncated: status == EpisodeStatus.Truncated);
        WriteView(environment, after, stateAfter);
        if (status != EpisodeStatus.Running)
            replay.EndEpisode(environment);
    }

    public void Interrupt() => replay.Interrupt();

    private void WriteView(int environment, StepBuffer seen, ReadOnlySpan<float> state)
    {
        TransitionWriter.WriteView(replay.Record(environment), replay.Layout, spec, seen, state);
        replay.IsOpen(environment) = true;
    }
}
