using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.ML;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;
using static SafeMarl.Benchmarks.Measurements;

namespace SafeMarl.Benchmarks;

/// <summary>
/// One update of the algorithms that factorise values at the size at which pymarl's QMIX was measured: 8 agents, 32 episodes of 60 steps, 14 alternatives,
/// observation 80, state 168, recurrent units of 64.
/// </summary>
internal static class ValueFactorizationReport
{
    private const int Agents = 8, Episodes = 32, Steps = 60, Alternatives = 14, Observation = 80, State = 168, Rounds = 15;
    private const double WarmUpSeconds = 3; // until the runtime has compiled everything for good

    public static void Print()
    {
        TorchSharp.torch.set_num_threads(1);
        var task = new TaskShape(
            [.. Enumerable.Range(0, Agents).Select(i => new AgentShape($"agent_{i}", Observation, ActionSpace.Discrete(Alternatives, masked: true), ["losses"], [], []))],
            State, HasState: true, SharedReward: true, SharedCosts: true, HasDeviation: false, HasDisturbance: false);
        EpisodeBatch batch = RandomEpisodes(task);
        Console.WriteLine($"{Agents} agents, {Episodes} episodes of {Steps} steps, {Alternatives} alternatives, observation {Observation}, state {State}, GRU 64; medians of {Rounds} updates");
        Console.WriteLine("update                                      1 thread   2 threads");
        SafeMarlTrainers trainers = new MLContext(1).SafeMarl().Trainers;
        Row("VDN", task, batch, trainers.Vdn());
        Row("QMIX", task, batch, trainers.Qmix());
        Row("QPLEX", task, batch, trainers.Qplex());
        Row("QTRAN", task, batch, trainers.Qtran());
        Row("ResQ", task, batch, trainers.Resq());
        Row("DMIX, 8 quantiles", task, batch, trainers.Dmix());
        Row("ResZ, 8 quantiles", task, batch, trainers.Resz());
        Row("RiskQ, 32 quantiles", task, batch, trainers.Riskq());
        Row("RMIX, 100 atoms", task, batch, trainers.Rmix());
        Row("DRIMA, 10 levels, 8 quantiles", task, batch, trainers.Drima());
        Row("CBF, 8 quantiles", task with { SharedCosts = false }, batch, trainers.Cbf(new CbfOptions { LossChannel = "losses" }));
        Row("QBF", task, batch, trainers.Qbf(new QbfOptions { LossThreshold = 0 }));
        Row("DBF, 32 quantiles", task, batch, trainers.Dbf(new DbfOptions { LossThreshold = 0 }));
        Console.WriteLine();
    }

    private static void Row(string name, TaskShape task, EpisodeBatch batch, ValueFactorizationTrainer trainer)
    {
        string[] times = [.. new[] { 1, 2 }.Select(threads =>
        {
            using IAlgorithm<EpisodeDraw> algorithm = trainer.CreateAlgorithm(task, threads, seed: 1, Placement.Parse("cpu"));
            long update = 0;
            double Update() => Seconds(() => algorithm.Update(new EpisodeDraw(batch, batch, update++, 0)));
            for (double warm = 0; warm < WarmUpSeconds;)
                warm += Update();
            return $"{1e3 * Median([.. Enumerable.Range(0, Rounds).Select(_ => Update())]),7:0.0} ms";
        })];
        Console.WriteLine($"{name,-43}{times[0]}  {times[1]}");
    }

    private static EpisodeBatch RandomEpisodes(TaskShape task)
    {
        var random = new RandomStream(1);
        var batch = new EpisodeBatch(new TransitionLayout(task), [.. Enumerable.Repeat(Steps, Episodes)], [.. Enumerable.Repeat(true, Episodes)]);
        for (int t = 0; t <= Steps; t++)
        {
            for (int b = 0; b < Episodes; b++)
            {
                Span<float> record = batch.Record(t, b);
                foreach (ref float value in record)
                    value = (float)random.NextGaussian();
                record[batch.Layout.JointAction].Clear();
                for (int agent = 0; agent < Agents; agent++)
                {
                    record[batch.Layout.Mask(agent)].Fill(1);
                    record[batch.Layout.Action(agent)][random.NextInt(Alternatives)] = 1;
                    record[batch.Layout.Cost(agent, 0)] = random.NextDouble() < 0.05 ? 1 : 0;
                }
            }
        }
        return batch;
    }
}
