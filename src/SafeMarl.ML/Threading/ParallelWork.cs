using System.Runtime.ExceptionServices;

namespace SafeMarl.ML.Optimization;

/// <summary>Runs independent pieces of an update on several threads. Each has its own tensors and random stream, so the order is immaterial.</summary>
internal static class ParallelUpdate
{
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
