using SafeMarl.Environments;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Threading;

namespace SafeMarl.ML.Training;

/// <summary>
/// The loop of algorithms that learn from whole episodes. In an iteration the environments are stepped with the policy of the last one, and beside them the
/// algorithm learns from the episodes that had ended before: which policy acts and what is learned from are fixed, whatever the threads do.
/// </summary>
/// <param name="plan">What the run is and who watches it.</param>
/// <param name="vector">The environments.</param>
/// <param name="options">How much is stepped and learned.</param>
/// <param name="newest">Newest episodes that an update needs beside its sample.</param>
/// <param name="algorithm">Learns.</param>
internal sealed class EpisodeLoop(RunPlan plan, VectorEnvironment vector, ValueFactorizationOptions options, int newest, IAlgorithm<EpisodeDraw> algorithm)
{
    private const string ExplorationMetric = "exploration";

    /// <summary>Trains to the end, or until the run is cancelled.</summary>
    public Policy Train()
    {
        var replay = new EpisodeReplay(TaskShapes.Of(vector.Spec), options.ReplayEpisodes, vector.Count, vector.Spec.EpisodeLength);
        var collector = new Collector(vector, new EpisodeWriter(replay, vector.Spec), plan.Description.Seed, algorithm.Policy.Agents.Select(a => a.MemorySize));
        using var session = new RunSession(plan, vector, collector, [algorithm, replay]);
        while (session.Continues)
        {
            long before = session.Steps;
            collector.Exploration = ExplorationAt(before);
            IReadOnlyList<EpisodeSummary> episodes = [];
            Metrics metrics = new() { { ExplorationMetric, collector.Exploration } };
            ParallelWork.Run(plan.Description.Threads,
            [
                () => episodes = collector.Collect(algorithm.Policy, options.RolloutSteps, session.Iteration, before),
                () => metrics.AddRange(Learn(replay, before)),
            ]);
            replay.Commit();
            session.Consider(algorithm.Policy, episodes);
            algorithm.Publish();
            session.EndIteration(before + (long)options.RolloutSteps * vector.Count, episodes, metrics);
        }
        return session.End(algorithm.Policy);
    }

    /// <summary>Share of random actions, which falls linearly.</summary>
    private double ExplorationAt(long steps) =>
        options.InitialExploration + (options.FinalExploration - options.InitialExploration) * Math.Min(1, (double)steps / options.ExplorationSteps);

    // Updates for the episodes that came in with the last iteration, once there are enough of them.
    private Metrics Learn(EpisodeReplay replay, long steps)
    {
        var mean = new MetricsMean();
        for (long update = UpdatesAt(replay.CountBefore); update < UpdatesAt(replay.Count); update++)
        {
            var random = new RandomStream(RandomStream.Derive(plan.Description.Seed, Streams.Replay, update));
            mean.Add(algorithm.Update(new EpisodeDraw(replay.Sample(ref random, options.BatchEpisodes), newest > 0 ? replay.Newest(newest) : null, update, steps)));
        }
        return mean.ToMetrics();
    }

    private long UpdatesAt(long episodes) => (long)Math.Floor(options.UpdatesPerEpisode * Math.Max(0, episodes - options.BatchEpisodes + 1));
}
