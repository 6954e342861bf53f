using System.Runtime.ExceptionServices;

namespace SafeMarl.ML.Threading;

/// <summary>Runs independent pieces of work on several threads. What each needs to be reproducible is its own, so the order is immaterial.</summary>
internal static class ParallelWork
{
    /// <summary>Runs all pieces; the first failure is thrown as it is.</summary>
    public static void Run(int threads, IEnumerable<Action> pieces)
    {
        try
        {
            Parallel.Invoke(new ParallelOptions { MaxDegreeOfParallelism = threads }, [.. pieces]);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }
}
