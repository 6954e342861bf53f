using System.Text.Json;
using SafeMarl.Environments;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Algorithms.ValueFactorization;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Algorithms.ValueFactorization;

public sealed class BarrierLossTests
{
    private static IEnumerable<TestCaseData> Golden() => GoldenFiles.Cases("value-factorization", "dbf_recommended_loss");

    [TestCaseSource(nameof(Golden)), Category("Golden")]
    public void Of_TheReferencesEpisode_HasItsValueAndGradient(string path)
    {
        foreach (JsonElement golden in GoldenFiles.Read(path).GetProperty("cases").EnumerateArray())
        {
            using var scope = NewDisposeScope();
            JsonElement args = golden.GetProperty("args"), inputs = golden.GetProperty("inputs"), outputs = golden.GetProperty("outputs");
            int[] shape = [.. inputs.GetProperty("z").Numbers("shape").Select(n => (int)n)]; // [states, n, A, K]
            double[] dead = inputs.Numbers("dead_allies_cumulative"), masks = inputs.GetProperty("avail").Numbers("data"), actions = inputs.GetProperty("actions").Numbers("data");
            TaskShape task = Task(shape[1], shape[2]);
            var batch = new EpisodeBatch(new TransitionLayout(task), [shape[0] - 1], [true]);
            for (int t = 0; t < shape[0]; t++)
            {
                Span<float> record = batch.Record(t, 0);
                for (int i = 0; i < shape[1]; i++)
                {
                    for (int a = 0; a < shape[2]; a++)
                        record[batch.Layout.Mask(i)][a] = (float)masks[(t * shape[1] + i) * shape[2] + a];
                    record[batch.Layout.Action(i)][(int)actions[t * shape[1] + i]] = 1;
                }
                if (t + 1 < shape[0])
                    record[batch.Layout.Cost(0, 0)] = (float)(dead[t + 1] - dead[t]);
            }
            var barrier = new BarrierLoss(task, new BarrierSettings(args.Number("gamma_B"), args.Number("lambda_B"), args.Number("omega"), args.Number("temperature"), UseBaseline: false, "losses"));
            float[]? weights = barrier.Weights(batch, []);
            Assert.That(weights is not null, Is.EqualTo(outputs.GetProperty("active").GetBoolean()));
            if (weights is null)
                continue;
            var sequences = new TeamSequences(batch, GoldenNetworks.Double, new SequenceMemory());
            Tensor z = GoldenTeams.Shaped(inputs.GetProperty("z").Numbers("data"), [.. shape.Select(n => (long)n)]).requires_grad_(true);
            Tensor loss = barrier.Of(sequences, z.mean([3]).unsqueeze(1), sequences.Tensor(weights, shape[0] - 1, 1));
            loss.backward();

            GoldenTeams.AssertClose([loss.ToDouble()], [outputs.Number("L_B")], "L_B", 1e-6);
            GoldenTeams.AssertClose(z.grad!.ToDoubles(), golden.GetProperty("grads").GetProperty("z").Numbers("data"), "gradient", 1e-6);
        }
    }

    [Test]
    public void Weights_OfEpisodesThatLoseTooFew_AreNone()
    {
        var metrics = new Metrics();

        Assert.That(Of(threshold: 2, useBaseline: false).Weights(Batch([[0, 1, 1]]), metrics), Is.Null);
        Assert.That(metrics.ToDictionary()["barrier/lost"], Is.EqualTo(2));
    }

    [Test]
    public void Weights_WithABaseline_AddUpToNothingAtAStepThatAllEpisodesHave()
    {
        // Hinges of a loss in the second of two steps: 0.275 and 0.55; in the first: 0.55 and 0.
        float[] weights = Of(threshold: 0, useBaseline: true).Weights(Batch([[0, 1], [1, 0]]), [])!;

        Assert.That(weights, Is.EqualTo(new[] { -0.1375f / 6, 0.1375f / 6, 0.275f / 6, -0.275f / 6 }).Within(1e-6));
    }

    [Test]
    public void Create_ForATaskWithoutSuchACost_ListsThoseThatThereAre() => Assert.That(
        () => new BarrierLoss(Task(2, 3), new BarrierSettings(0.5, 0.1, 0, 1, true, "deaths")), Throws.TypeOf<InvalidOptionsException>().With.Message.Contains("deaths").And.Message.Contains("losses"));

    private static BarrierLoss Of(double threshold, bool useBaseline) => new(Task(2, 3), new BarrierSettings(0.5, 0.1, threshold, 1, useBaseline, "losses"));

    private static TaskShape Task(int agents, int alternatives) => new(
        [.. Enumerable.Range(0, agents).Select(i => new AgentShape($"agent{i}", 1, ActionSpace.Discrete(alternatives, masked: true), ["losses"], [], []))],
        1, HasState: true, SharedReward: true, SharedCosts: true, HasDeviation: false, HasDisturbance: false);

    private static EpisodeBatch Batch(float[][] losses)
    {
        var batch = new EpisodeBatch(new TransitionLayout(Task(2, 3)), [.. losses.Select(l => l.Length)], [.. losses.Select(_ => true)]);
        for (int b = 0; b < losses.Length; b++)
        {
            for (int t = 0; t < losses[b].Length; t++)
                batch.Record(t, b)[batch.Layout.Cost(0, 0)] = losses[b][t];
        }
        return batch;
    }
}
