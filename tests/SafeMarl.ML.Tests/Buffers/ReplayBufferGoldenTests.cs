using System.Text.Json;
using SafeMarl.Environments;
using SafeMarl.ML.Buffers;

namespace SafeMarl.ML.Tests.Buffers;

/// <summary>
/// n-step sampling against HARL's buffer. The reference data have views after steps that are not the views before the next ones, as an
/// environment never has; so the views before steps are checked with the former left out, and the views after them with the latter.
/// </summary>
[Category("Golden")]
public sealed class ReplayBufferGoldenTests
{
    private static IEnumerable<TestCaseData> Cases() => GoldenFiles.Cases("on-policy-and-certificates", "g_nstep_buffer");

    [TestCaseSource(nameof(Cases))]
    public void Gather_OfThePeersIndices_GivesThePeersTransitions(string path)
    {
        JsonElement golden = GoldenFiles.Read(path), inputs = golden.GetProperty("inputs"), outputs = golden.GetProperty("outputs");
        OffPolicyBatch before = Gather(inputs, viewsAfter: false), after = Gather(inputs, viewsAfter: true);
        TransitionLayout layout = before.Layout;

        Close(Columns(before.Records, layout.Size, layout.State), outputs.Numbers("share_obs"), "state");
        Close(Columns(before.Records, layout.Size, layout.Observation(0)), outputs.Numbers("obs"), "observation");
        Close(Columns(before.Records, layout.Size, layout.Action(0)), outputs.Numbers("actions"), "action");
        Close(before.Returns, outputs.Numbers("reward"), "return");
        Close(before.Discounts, outputs.Numbers("gamma"), "discount");
        Close(before.BootstrapTerminated, outputs.Numbers("term"), "terminated");
        Close(Columns(after.Bootstrap, layout.ViewSize, layout.State), outputs.Numbers("next_share_obs"), "next state");
        Close(Columns(after.Bootstrap, layout.ViewSize, layout.Observation(0)), outputs.Numbers("next_obs"), "next observation");
    }

    private static OffPolicyBatch Gather(JsonElement inputs, bool viewsAfter)
    {
        JsonElement[] inserted = [.. inputs.GetProperty("inserted").EnumerateArray()];
        int environments = (int)inputs.Number("n_rollout_threads"), capacity = (int)inputs.Number("buffer_size"), steps = (int)inputs.Number("n_step"), batchSize = (int)inputs.Number("batch_size");
        int Size(string name) => inserted[0].GetProperty(name)[0].GetArrayLength();
        var task = new TaskShape(
            [new AgentShape("agent", Size("obs"), ActionSpace.Box(Size("actions"), -1, 1), ["cost"], [], [])], Size("share_obs"), HasState: true, true, true, false, false);
        var replay = new ReplayBuffer(task, capacity, environments, stepsBetweenCommits: 1, batchSize);
        var records = new Dictionary<(int Time, int Environment), long>();
        var written = new long[environments];
        for (int t = 0; t < inserted.Length; t++)
        {
            for (int e = 0; e < environments; e++)
            {
                bool done = inserted[t].GetProperty("done")[e].Numbers()[0] != 0, terminated = inserted[t].GetProperty("term")[e].Numbers()[0] != 0;
                if (!(viewsAfter && replay.IsOpen(e)))
                    WriteView(replay, e, inserted[t], "share_obs", "obs");
                Span<float> record = replay.Record(e);
                Write(inserted[t].GetProperty("actions")[e], record[replay.Layout.Action(0)]);
                record[replay.Layout.Reward(0)] = (float)inserted[t].GetProperty("reward")[e].Numbers()[0];
                records[(t, e)] = written[e]++;
                replay.EndStep(e, terminated, truncated: done && !terminated);
                WriteView(replay, e, inserted[t], "next_share_obs", "next_obs");
                if (done)
                {
                    replay.EndEpisode(e);
                    written[e]++;
                }
            }
            replay.Commit();
        }
        // The peer's ring holds all environments of a step side by side.
        int slots = capacity / environments, newest = inserted.Length - 1;
        var picks = inputs.GetProperty("sampled_indices").Numbers().Select(index =>
        {
            int slot = (int)index / environments, time = newest - (newest - slot % slots + slots) % slots;
            return ((int)index % environments, records[(time, (int)index % environments)]);
        });
        var batch = new OffPolicyBatch(replay.Layout, batchSize, steps);
        replay.Gather([.. picks], inputs.Number("gamma"), batch);
        return batch;
    }

    private static void WriteView(ReplayBuffer replay, int environment, JsonElement step, string state, string observation)
    {
        Span<float> record = replay.Record(environment);
        Write(step.GetProperty(state)[environment], record[replay.Layout.State]);
        Write(step.GetProperty(observation)[environment], record[replay.Layout.Observation(0)]);
        replay.IsOpen(environment) = true;
    }

    private static void Write(JsonElement numbers, Span<float> target)
    {
        double[] values = numbers.Numbers();
        for (int i = 0; i < values.Length; i++)
            target[i] = (float)values[i];
    }

    private static double[] Columns(float[] values, int stride, Range columns) =>
        [.. Enumerable.Range(0, values.Length / stride).SelectMany(row => values[(row * stride)..((row + 1) * stride)][columns]).Select(v => (double)v)];

    private static void Close(IEnumerable<float> actual, double[] expected, string what) => Close(actual.Select(a => (double)a), expected, what);

    // The peer stores in float32.
    private static void Close(IEnumerable<double> actual, double[] expected, string what) => Numeric.AssertClose([.. actual], expected, 1e-6, what);
}
