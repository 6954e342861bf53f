using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OffPolicy;

/// <summary>Draws the noise of policies' actions: standard normal for boxes, standard Gumbel for alternatives.</summary>
internal sealed class ActionNoise(TaskShape task, int rows, long seed, Placement placement)
{
    private RandomStream _random = new(seed);

    /// <summary>Noise for a draw of an agent's actions [B, D or n].</summary>
    public Tensor Next(int agent)
    {
        AgentShape shape = task.Agents[agent];
        var values = new float[rows * shape.EncodedActionSize];
        foreach (ref float value in values.AsSpan())
            value = (float)(shape.ActionSpace.IsDiscrete ? Gumbel() : _random.NextGaussian());
        return placement.Tensor(values, rows, shape.EncodedActionSize);
    }

    // The smallest positive number keeps a draw of exactly 0 from becoming infinite.
    private double Gumbel() => -Math.Log(double.Epsilon - Math.Log(1 - _random.NextDouble()));
}
