using System.Numerics.Tensors;
using SafeMarl.ML.Threading;

namespace SafeMarl.ML.Networks;

/// <summary>Halves of many rows as independent pieces of work, whatever the number of threads, so that sums over rows do not depend on it.</summary>
internal static class RowHalves
{
    /// <summary>Pieces of work.</summary>
    public const int Count = 2;

    /// <summary>Runs work on both halves.</summary>
    /// <param name="threads">Threads to use.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="work">Is given the first row of a half, the number of its rows, and which half it is.</param>
    public static void Run(int threads, int rows, Action<int, int, int> work)
    {
        int half = (rows + Count - 1) / Count;
        ParallelWork.Run(threads, Enumerable.Range(0, Count).Select(i => (Action)(() => work(i * half, Math.Min(half, rows - i * half), i))));
    }

    /// <summary>One sum for each half.</summary>
    public static T[] Each<T>(Func<T> create) => [.. Enumerable.Range(0, Count).Select(_ => create())];

    /// <summary>Adds the second half's numbers to the first's, and gives those.</summary>
    public static float[] Sum<T>(T[] halves, Func<T, float[]> part)
    {
        float[] sum = part(halves[0]);
        foreach (T other in halves.AsSpan(1))
            TensorPrimitives.Add(sum, part(other), sum);
        return sum;
    }

    /// <summary>Memory for so many numbers, the old one if it is large enough; what it holds is not told.</summary>
    public static float[] Grow(ref float[] buffer, int length) => buffer = buffer.Length < length ? new float[length] : buffer;
}
