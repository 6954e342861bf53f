using SafeMarl.Environments;
using SafeMarl.Environments.Mujoco;
using SafeMarl.Environments.SafeMujoco;

namespace SafeMarl.Benchmarks;

/// <summary>The task of all whole-run reports: Safe HalfCheetah 2x3 in 16 copies.</summary>
internal static class Cheetah
{
    public const int Environments = 16;

    public static SafeHalfCheetah Create() => new(AgentPartition.Parse("2x3"));

    public static VectorEnvironment CreateVector(int threads)
    {
        var vector = new VectorEnvironment(Create, Environments, threads);
        vector.Reset(seed: 1);
        return vector;
    }
}
