using System.Diagnostics;
using SafeMarl.Environments;

namespace SafeMarl.Benchmarks;

/// <summary>Small helpers for measurements that are repeated and compared.</summary>
internal static class Measurements
{
    /// <summary>Seconds that a piece of work takes.</summary>
    public static double Seconds(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>The middle value: what a busy neighbour on the machine moves least.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>Small numbers, as observations and weights are.</summary>
    public static float[] Numbers(int count, ref RandomStream random)
    {
        var numbers = new float[count];
        foreach (ref float number in numbers.AsSpan())
            number = (float)random.NextUniform(-0.1, 0.1);
        return numbers;
    }
}
