using SafeMarl.Environments;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Buffers;

namespace SafeMarl.ML.Training;

/// <summary>The on-policy loop: collect a rollout with the current policy, learn from it, report, keep a checkpoint.</summary>
/// <param name="plan">What the run is and who watches it.</param>
/// <param name="vector">The environments.</param>
/// <param name="rolloutSteps">T.</param>
/// <param name="algorithm">Learns.</param>
internal sealed class OnPolicyLoop(RunPlan plan, VectorEnvironment vector, int rolloutSteps, IAlgorithm<OnPolicyBatch> algorithm)
{
    /// <summary>Trains to the end, or until the run is cancelled.</summary>
    public Policy Train()
    {
        var buffer = new RolloutBuffer(TaskShapes.Of(vector.Spec), rolloutSteps, vector.Count);
        var collector = new Collector(vector, new RolloutWriter(buffer, vector.Spec), plan.Description.Seed);
        using var session = new RunSession(plan, vector, collector, [algorithm]);
        while (session.Continues)
        {
            OnPolicyBatch batch = Collect(collector, buffer, algorithm.Policy, session.Iteration, session.Steps);
            session.Consider(algorithm.Policy, batch.Episodes);
            Metrics metrics = algorithm.Update(batch);
            algorithm.Publish();
            session.EndIteration(batch.Steps, batch.Episodes, metrics);
        }
        return session.End(algorithm.Policy);
    }

    /// <summary>Collects one rollout.</summary>
    /// <param name="collector">Steps the environments, into <paramref name="buffer"/>.</param>
    /// <param name="buffer">Receives it.</param>
    /// <param name="policy">Acts.</param>
    /// <param name="iteration">Which rollout of the run.</param>
    /// <param name="steps">Environment steps before it.</param>
    public static OnPolicyBatch Collect(Collector collector, RolloutBuffer buffer, Policy policy, long iteration, long steps)
    {
        buffer.Clear();
        IReadOnlyList<EpisodeSummary> episodes = collector.Collect(policy, buffer.Steps, iteration, steps);
        return buffer.ToBatch(steps + buffer.Samples, iteration, episodes);
    }
}
