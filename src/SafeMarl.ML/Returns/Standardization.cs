using System.Numerics;

namespace SafeMarl.ML.Returns;

/// <summary>Scaling of advantages to mean 0 and standard deviation 1.</summary>
internal static class Standardization
{
    /// <summary>The peers' guard against division by zero (MACPO, HARL).</summary>
    public const double Epsilon = 1e-5;

    /// <summary><c>(x - mean) / (std + epsilon)</c> with the population standard deviation, in place, computed in double.</summary>
    public static void Apply<T>(Span<T> values)
        where T : IFloatingPointIeee754<T>
    {
        (double mean, double deviation) = Moments<T>(values);
        double scale = 1 / (deviation + Epsilon);
        foreach (ref T value in values)
            value = T.CreateTruncating((double.CreateTruncating(value) - mean) * scale);
    }

    /// <summary>The population standard deviation, computed in double.</summary>
    public static double Deviation<T>(ReadOnlySpan<T> values)
        where T : IFloatingPointIeee754<T> => Moments(values).Deviation;

    private static (double Mean, double Deviation) Moments<T>(ReadOnlySpan<T> values)
        where T : IFloatingPointIeee754<T>
    {
        double mean = 0, variance = 0;
        foreach (T value in values)
            mean += double.CreateTruncating(value);
        mean /= values.Length;
        foreach (T value in values)
            variance += Math.Pow(double.CreateTruncating(value) - mean, 2);
        return (mean, Math.Sqrt(variance / values.Length));
    }
}
