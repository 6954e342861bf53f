using System.Numerics.Tensors;
using SafeMarl.ML.Threading;

namespace SafeMarl.ML.Networks;

/// <summary>Halves of many rows as independent pieces of work, whatever the number of threads, so that sums over rows do not depend on it.</summary>
internal static class RowHalves
{
    /// <summary>Runs work on both halves.</summary>
    /// <param name="threads">Threads to use.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="work">Is given the first row of a half, the number of its rows, and which half it is.</param>
    public static void Run(int threads, int rows, Action<int, int, int> work) => Run(threads, rows, (rows + 1) / 2, work);

    /// <summary>Runs work on two parts, which together are as much work each.</summary>
    /// <param name="threads">Threads to use.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="middle">Rows of the first part.</param>
    /// <param name="work">Is given the first row of a part, the number of its rows, and which part it is.</param>
    public static void Run(int threads, int rows, int middle, Action<int, int, int> work) => ParallelWork.Run(threads, [() => work(0, middle, 0), () => work(middle, rows - middle, 1)]);

    /// <summary>One sum for each half.</summary>
    public static T[] Each<T>(Func<T> create) => [create(), create()];

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
