using SafeMarl.Environments;

namespace SafeMarl.ML.Algorithms.OnPolicy;

/// <summary>The order in which agents take turns in an update.</summary>
internal static class Turns
{
    /// <summary>A random order of the agents, a new one for every rollout.</summary>
    public static int[] Order(int agents, long seed, long iteration)
    {
        var random = new RandomStream(RandomStream.Derive(seed, Streams.Minibatches, iteration, Streams.Agents));
        int[] order = [.. Enumerable.Range(0, agents)];
        random.Shuffle<int>(order);
        return order;
    }
}
