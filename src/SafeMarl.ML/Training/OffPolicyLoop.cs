using SafeMarl.Environments;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Threading;

namespace SafeMarl.ML.Training;

/// <summary>
/// The off-policy loop. In an iteration the environments are stepped with the policy of the last one, and beside them the algorithm learns from
/// what the replay held before: which policy acts and what is learned from are fixed, whatever the threads do.
/// </summary>
/// <param name="plan">What the run is and who watches it.</param>
/// <param name="vector">The environments.</param>
/// <param name="options">How much is stepped and learned.</param>
/// <param name="algorithm">Learns.</param>
internal sealed class OffPolicyLoop(RunPlan plan, VectorEnvironment vector, OffPolicyOptions options, IAlgorithm<OffPolicyBatch> algorithm)
{
    private readonly UpdateSchedule _schedule = new(options);

    /// <summary>Trains to the end, or until the run is cancelled.</summary>
    public Policy Train()
    {
        var replay = new ReplayBuffer(TaskShapes.Of(vector.Spec), options.ReplayCapacity, vector.Count, options.RolloutSteps, options.BatchSize);
        var collector = new Collector(vector, new ReplayWriter(replay, vector.Spec), plan.Description.Seed);
        var batch = new OffPolicyBatch(replay.Layout, options.BatchSize, options.ReturnSteps);
        using var session = new RunSession(plan, vector, collector, [algorithm, replay]);
        while (session.Continues)
        {
            long before = session.Steps, after = before + _schedule.StepsPerIteration;
            IReadOnlyList<EpisodeSummary> episodes = [];
            Metrics metrics = new();
            ParallelWork.Run(plan.Description.Threads,
            [
                () => episodes = collector.Collect(_schedule.IsWarmup(before) ? null : algorithm.Policy, options.RolloutSteps, session.Iteration, before),
                () => metrics = Learn(replay, batch, before, after),
            ]);
            replay.Commit();
            session.Consider(algorithm.Policy, episodes);
            algorithm.Publish();
            session.EndIteration(after, episodes, metrics);
        }
        return session.End(algorithm.Policy);
    }

    private Metrics Learn(ReplayBuffer replay, OffPolicyBatch batch, long before, long after)
    {
        var mean = new MetricsMean();
        for (long update = _schedule.UpdatesAt(before); update < _schedule.UpdatesAt(after); update++)
        {
            var random = new RandomStream(RandomStream.Derive(plan.Description.Seed, Streams.Replay, update));
            replay.Sample(ref random, options.Gamma, batch);
            (batch.Update, batch.Steps) = (update, before);
            mean.Add(algorithm.Update(batch));
        }
        return mean.ToMetrics();
    }
}
