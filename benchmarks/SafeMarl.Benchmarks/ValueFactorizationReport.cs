using SafeMarl.Environments;
using SafeMarl.ML;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Algorithms.ValueFactorization;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;
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
        Placement placement = Placement.Parse("cpu");
        Console.WriteLine($"{Agents} agents, {Episodes} episodes of {Steps} steps, {Alternatives} alternatives, observation {Observation}, state {State}, GRU 64; medians of {Rounds} updates");
        Console.WriteLine("update                                      1 thread   2 threads");
        Row("VDN", batch, threads => Create(task, new VdnOptions(), _ => new Vdn(), threads, placement));
        var qmix = new QmixOptions();
        Row("QMIX", batch, threads => Create(task, qmix, ValueFactorizationSettings.Qmix(qmix, task, placement), threads, placement));
        var qplex = new QplexOptions();
        Row("QPLEX", batch, threads => Create(task, qplex, ValueFactorizationSettings.Qplex(qplex, task, placement), threads, placement));
        var qtran = new QtranOptions();
        Row("QTRAN", batch, threads => new Qtran(
            task, ValueFactorizationSettings.Team(qtran), ValueFactorizationSettings.Target(qtran), qtran.JointSize, qtran.OptimalWeight, qtran.OtherWeight, threads, 1, placement));
        var dmix = new DmixOptions();
        Row("DMIX, 8 quantiles", batch, threads => Create(
            task, dmix, ValueFactorizationSettings.Mixer(dmix, task, placement), threads, placement, new QuantileSettings(dmix.Quantiles, dmix.TargetQuantiles, dmix.ActingQuantiles, dmix.EmbeddingSize)));
        var qbf = new QbfOptions { LossThreshold = 0 };
        Row("QBF", batch, threads => Create(
            task, qbf, ValueFactorizationSettings.Qmix(qbf, task, placement), threads, placement, barrier: ValueFactorizationSettings.Barrier(qbf, task)));
        var dbf = new DbfOptions { LossThreshold = 0 };
        Row("DBF, 32 quantiles", batch, threads => Create(
            task, dbf, ValueFactorizationSettings.Mixer(dbf, task, placement), threads, placement, new QuantileSettings(32, 32, 32, dbf.EmbeddingSize),
            new ReturnFeedback(32, dbf.FeedbackSize, dbf.FeedbackHeads, NonNegativeWeights: true), ValueFactorizationSettings.Barrier(dbf, task)));
        Console.WriteLine();
    }

    private static FactoredQ Create(
        TaskShape task, ValueFactorizationOptions options, Func<RandomStream, Mixer> mixer, int threads, Placement placement, QuantileSettings? quantiles = null, ReturnFeedback? feedback = null,
        BarrierLoss? barrier = null) =>
        new(task, ValueFactorizationSettings.Team(options, quantiles, feedback), ValueFactorizationSettings.Target(options), mixer, barrier, threads, 1, placement);

    private static void Row(string name, EpisodeBatch batch, Func<int, IAlgorithm<EpisodeDraw>> create)
    {
        string[] times = [.. new[] { 1, 2 }.Select(threads =>
        {
            using IAlgorithm<EpisodeDraw> algorithm = create(threads);
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
