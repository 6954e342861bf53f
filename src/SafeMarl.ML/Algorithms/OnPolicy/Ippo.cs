using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;

namespace SafeMarl.ML.Algorithms.OnPolicy;

/// <summary>IPPO (de Witt et al. 2020): every agent is a PPO of its own. It is MAPPO, but for a critic per agent that sees what the agent itself observes.</summary>
internal static class Ippo
{
    public static Mappo Create(TaskShape task, IppoOptions options, int threads, long seed, Placement placement) => new(
        task, options, new ProximalSettings(
            options.Gamma, options.GaeLambda, options.ActorLearningRate, options.ClipEpsilon, options.EntropyCoefficient, options.Epochs, options.Minibatches),
        threads, seed, placement, seenBy: agent => [agent]);
}
