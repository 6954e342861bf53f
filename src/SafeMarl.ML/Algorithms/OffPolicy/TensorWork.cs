using SafeMarl.ML.Threading;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OffPolicy;

/// <summary>Independent pieces of work that give tensors. Dispose scopes are per thread: each piece has its own, and what it gives goes to the caller's.</summary>
internal static class TensorWork
{
    /// <summary>Runs all pieces.</summary>
    /// <param name="threads">Threads to use.</param>
    /// <param name="scope">Takes what the pieces give.</param>
    /// <param name="pieces">Each gives a result.</param>
    /// <param name="tensors">The tensors in a result.</param>
    public static T[] Run<T>(int threads, DisposeScope scope, IReadOnlyList<Func<T>> pieces, Func<T, IEnumerable<Tensor?>> tensors)
    {
        var results = new T[pieces.Count];
        ParallelWork.Run(threads, pieces.Select((piece, i) => (Action)(() =>
        {
            using var own = NewDisposeScope();
            results[i] = piece();
            foreach (Tensor? tensor in tensors(results[i]))
                tensor?.DetachFromDisposeScope();
        })));
        foreach (T result in results)
        {
            foreach (Tensor? tensor in tensors(result))
            {
                if (tensor is not null)
                    scope.Attach(tensor);
            }
        }
        return results;
    }

    /// <summary>Runs pieces that give a tensor each.</summary>
    public static Tensor[] Run(int threads, DisposeScope scope, IReadOnlyList<Func<Tensor>> pieces) => Run(threads, scope, pieces, static tensor => [tensor]);
}
