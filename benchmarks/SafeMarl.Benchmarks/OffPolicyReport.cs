using SafeMarl.Environments;
using SafeMarl.ML;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Algorithms.OffPolicy;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;
using static SafeMarl.Benchmarks.Measurements;

namespace SafeMarl.Benchmarks;

/// <summary>
/// One update of the off-policy algorithms at the size at which HARL's HASAC was measured: 4 agents, observation 40, action 2, state 160, batches of
/// 1000, two hidden layers of 256. Pairs of updates are timed, as policies learn with every second one.
/// </summary>
internal static class OffPolicyReport
{
    private const int Agents = 4, Observation = 40, Action = 2, BatchSize = 1000, Stored = 1_000_000, Rounds = 9;

    public static void Print()
    {
        TorchSharp.torch.set_num_threads(1);
        TaskShape task = new(
            [.. Enumerable.Range(0, Agents).Select(i => new AgentShape($"agent_{i}", Observation, ActionSpace.Box(Action, -1, 1), ["cost"], [], [.. Enumerable.Range(0, Observation)]))],
            Agents * Observation, HasState: true, SharedReward: true, SharedCosts: true, HasDeviation: true, HasDisturbance: false);
        Console.WriteLine($"{Agents} agents, observation {Observation}, action {Action}, state {Agents * Observation}, batch {BatchSize}, [256, 256]; medians of {Rounds} rounds");
        (ReplayBuffer replay, double rawBytes, double usedBytes) = Fill(task);
        var batch = new OffPolicyBatch(replay.Layout, BatchSize, steps: 1);
        var random = new RandomStream(1);
        Console.WriteLine($"replay of {Stored:N0} transitions: {usedBytes / 1e6:N0} MB, {usedBytes / rawBytes:0.00} of its raw size; sampling a batch {1e3 * Median(Repeat(50, () => replay.Sample(ref random, 0.99, batch))):0.00} ms");
        Console.WriteLine("update                                      1 thread   2 threads");
        Row("MAS3AC", batch, threads => new Mas3ac(task, new Mas3acOptions(), 1_000_000, threads, 1, Placement.Parse("cpu")));
        Row("MAS3AC, each turn draws its own actions", batch, threads => new Mas3ac(task, new Mas3acOptions { ShareDraws = false }, 1_000_000, threads, 1, Placement.Parse("cpu")));
        Row("HASAC", batch, threads => new Hasac(task, new HasacOptions(), threads, 1, Placement.Parse("cpu")));
        Row("MASAC", batch, threads => new Masac(task, new MasacOptions(), threads, 1, Placement.Parse("cpu")));
        Console.WriteLine();
    }

    private static void Row(string name, OffPolicyBatch batch, Func<int, IAlgorithm<OffPolicyBatch>> create)
    {
        string[] times = [.. new[] { 1, 2 }.Select(threads =>
        {
            using IAlgorithm<OffPolicyBatch> algorithm = create(threads);
            long update = 0;
            double[] seconds = Repeat(Rounds + 2, () =>
            {
                for (int i = 0; i < 2; i++)
                {
                    batch.Update = update++;
                    algorithm.Update(batch);
                }
            });
            return $"{1e3 * Median(seconds[2..]) / 2,7:0.0} ms";
        })];
        Console.WriteLine($"{name,-43}{times[0]}  {times[1]}");
    }

    private static double[] Repeat(int count, Action work) => [.. Enumerable.Range(0, count).Select(_ => Seconds(work))];

    // Random transitions of 20 environments in episodes of 1000 steps; raw size: what a transition consists of, with the view after it kept once.
    private static (ReplayBuffer Replay, double RawBytes, double UsedBytes) Fill(TaskShape task)
    {
        const int environments = 20;
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var replay = new ReplayBuffer(task, Stored, environments, stepsBetweenCommits: 50, BatchSize);
        var random = new RandomStream(1);
        var noise = new float[4096];
        foreach (ref float value in noise.AsSpan())
            value = (float)random.NextGaussian();
        for (int step = 0; step < Stored / environments; step++)
        {
            for (int e = 0; e < environments; e++)
            {
                noise.AsSpan(random.NextInt(noise.Length - replay.Layout.Size), replay.Layout.Size).CopyTo(replay.Record(e));
                bool ends = step % 1000 == 999;
                replay.EndStep(e, terminated: false, truncated: ends);
                if (ends)
                    replay.EndEpisode(e);
            }
            replay.Commit();
        }
        return (replay, (double)Stored * (replay.Layout.Size - 1) * sizeof(float), GC.GetTotalMemory(forceFullCollection: true) - before);
    }
}
