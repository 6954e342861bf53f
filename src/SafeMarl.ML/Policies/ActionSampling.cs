using SafeMarl.Environments;

namespace SafeMarl.ML.Policies;

/// <summary>Draws from the distributions that policies describe, in managed code; the torch side of each is in Networks.</summary>
internal static class ActionSampling
{
    /// <summary>Bounds on the logarithm of a state-dependent standard deviation (HARL).</summary>
    public const float MinLogStd = -20, MaxLogStd = 2;

    // exp(-inf) is 0 and the peers' -1e10 is as good as that; unlike an infinity it survives differences.
    private const float Unavailable = -1e10f;

    private static readonly double LogRootTwoPi = 0.5 * Math.Log(2 * Math.PI);

    /// <summary>Draws from independent Gaussians; gives the log-density.</summary>
    public static float Gaussian(ReadOnlySpan<float> means, ReadOnlySpan<float> std, ref RandomStream random, Span<float> action)
    {
        double logProb = 0;
        for (int i = 0; i < action.Length; i++)
        {
            action[i] = (float)(means[i] + std[i] * random.NextGaussian());
            double z = (action[i] - means[i]) / (double)std[i];
            logProb -= 0.5 * z * z + Math.Log(std[i]) + LogRootTwoPi;
        }
        return (float)logProb;
    }

    /// <summary>Draws from independent Gaussians squashed by tanh into (-1, 1); gives the log-density there.</summary>
    /// <param name="outputs">Means, then logarithms of standard deviations.</param>
    /// <param name="random">Source of the draw.</param>
    /// <param name="unit">Receives the action in (-1, 1) per dimension.</param>
    public static float SquashedGaussian(ReadOnlySpan<float> outputs, ref RandomStream random, Span<float> unit)
    {
        double logProb = 0;
        for (int i = 0; i < unit.Length; i++)
        {
            double logStd = Math.Clamp(outputs[unit.Length + i], MinLogStd, MaxLogStd), noise = random.NextGaussian();
            double z = outputs[i] + Math.Exp(logStd) * noise;
            unit[i] = (float)Math.Tanh(z);
            // log(1 - tanh(z)^2) without cancellation.
            logProb -= 0.5 * noise * noise + logStd + LogRootTwoPi + 2 * (Math.Log(2) - z - Softplus(-2 * z));
        }
        return (float)logProb;
    }

    /// <summary>Draws an alternative; gives the logarithm of its probability. The logits become probabilities.</summary>
    public static float Alternative(Span<float> logits, ReadOnlySpan<float> mask, ref RandomStream random, Span<float> action)
    {
        ThrowIfNothing(mask);
        Softmax(logits, mask);
        double left = random.NextDouble();
        int chosen = -1, last = -1;
        for (int i = 0; i < logits.Length && chosen < 0; i++)
        {
            if (logits[i] <= 0)
                continue;
            last = i;
            left -= logits[i];
            if (left < 0)
                chosen = i;
        }
        chosen = chosen < 0 ? last : chosen; // rounding left a sliver beyond the last alternative
        action[0] = chosen;
        return (float)Math.Log(logits[chosen]);
    }

    /// <summary>The best alternative, or with a small probability any of the available ones.</summary>
    /// <param name="best">The best one.</param>
    /// <param name="count">Number of alternatives.</param>
    /// <param name="mask">Which are available; empty: all.</param>
    /// <param name="exploration">The probability.</param>
    /// <param name="random">Source of the draws.</param>
    public static int Explore(int best, int count, ReadOnlySpan<float> mask, double exploration, ref RandomStream random)
    {
        if (exploration <= 0 || random.NextDouble() >= exploration)
            return best;
        if (mask.IsEmpty)
            return random.NextInt(count);
        int available = 0;
        foreach (float m in mask)
            available += m != 0 ? 1 : 0;
        int skip = random.NextInt(available);
        for (int i = 0; i < count; i++)
        {
            if (mask[i] != 0 && skip-- == 0)
                return i;
        }
        return best;
    }

    /// <summary>The likeliest available alternative.</summary>
    public static int Likeliest(ReadOnlySpan<float> logits, ReadOnlySpan<float> mask)
    {
        ThrowIfNothing(mask);
        int best = -1;
        for (int i = 0; i < logits.Length; i++)
        {
            if ((mask.IsEmpty || mask[i] != 0) && (best < 0 || logits[i] > logits[best]))
                best = i;
        }
        return best;
    }

    /// <summary>Turns logits into probabilities in place.</summary>
    public static void Softmax(Span<float> logits, ReadOnlySpan<float> mask)
    {
        for (int i = 0; i < mask.Length; i++)
            logits[i] = mask[i] != 0 ? logits[i] : Unavailable;
        double max = double.NegativeInfinity, sum = 0;
        foreach (float logit in logits)
            max = Math.Max(max, logit);
        foreach (float logit in logits)
            sum += Math.Exp(logit - max);
        foreach (ref float logit in logits)
            logit = (float)(Math.Exp(logit - max) / sum);
    }

    private static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));

    private static void ThrowIfNothing(ReadOnlySpan<float> mask)
    {
        if (!mask.IsEmpty && !mask.ContainsAnyExcept(0f))
            throw new ArgumentException("The action mask leaves no alternative.", nameof(mask));
    }
}
