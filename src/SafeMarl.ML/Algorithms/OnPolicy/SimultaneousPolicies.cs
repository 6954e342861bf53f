using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Returns;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OnPolicy;

/// <summary>Policies that all climb the clipped surrogate of their rewards' advantages at the same time: one for all agents, or one each.</summary>
/// <param name="task">The task.</param>
/// <param name="actors">The policies.</param>
/// <param name="signals">Their rewards.</param>
/// <param name="minibatches">Minibatches that the samples of a policy are cut into.</param>
/// <param name="settings">How they climb; the size of a minibatch follows from the number of samples.</param>
/// <param name="seed">Seed of the run.</param>
/// <param name="placement">Where the policies live.</param>
internal sealed class SimultaneousPolicies(
    TaskShape task, Actors actors, Signals signals, int minibatches, ClippedSettings settings, long seed, Placement placement)
{
    /// <summary>The updates, as pieces of work that are independent of each other; each reports to metrics of its own.</summary>
    public IEnumerable<Action> Updates(OnPolicyBatch batch, Metrics[] metrics) => Groups().Select((agents, i) => (Action)(() => Update(batch, agents, metrics[i])));

    /// <summary>Number of policies.</summary>
    public int Count => Groups().Length;

    // Which agents learn together: all of them from one set of parameters, or each by itself.
    private int[][] Groups()
    {
        int[] all = [.. Enumerable.Range(0, task.Agents.Count)];
        return actors.AreShared ? [all] : [.. all.Select(agent => new[] { agent })];
    }

    private void Update(OnPolicyBatch batch, int[] agents, Metrics metrics)
    {
        using var scope = NewDisposeScope();
        // The samples of agents that share a policy follow one another: [agents * N, ...].
        var data = agents.Select(agent => actors.Data(batch, agent)).ToArray();
        float[] advantages = [.. agents.SelectMany(agent => signals.Reward(agent).Advantages)];
        Standardization.Apply<float>(advantages);
        float[] logProbs = [.. agents.SelectMany(agent => batch.LogProbs[agent])];
        var samples = new PolicySamples(
            cat([.. data.Select(d => d.Observations)]),
            data[0].Masks is null ? null : cat([.. data.Select(d => d.Masks!)]),
            cat([.. data.Select(d => d.Actions)]),
            placement.Tensor(logProbs, logProbs.Length),
            placement.Tensor(advantages, advantages.Length));
        long stream = RandomStream.Derive(seed, Streams.Minibatches, batch.Iteration, Streams.Actors, agents[0]);
        ClippedUpdate.Result update = ClippedUpdate.Run(
            actors[agents[0]], actors.Optimizer(agents[0]), samples, settings with { MinibatchSize = Minibatches.SizeFor(advantages.Length, minibatches) }, stream, batch.Steps, placement);
        string name = agents.Length > 1 ? "all" : task.Agents[agents[0]].Name;
        metrics.Add($"loss/policy/{name}", update.Loss);
        metrics.Add($"entropy/{name}", update.Entropy);
    }
}
