using System.Runtime.ExceptionServices;

namespace SafeMarl.Environments;

/// <summary>
/// Threads that share out numbered items of work. The caller's thread works too, so one worker means no extra thread.
/// Which thread takes an item is left to chance; what an item computes must not depend on it.
/// </summary>
internal sealed class WorkerPool : IDisposable
{
    private readonly Thread[] _threads;
    private readonly Barrier _barrier;
    private readonly Exception?[] _failures;
    private Action<int>? _body;
    private int _items, _next;
    private bool _disposed;

    public WorkerPool(int workers, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(workers);
        Workers = workers;
        _barrier = new Barrier(workers);
        _failures = new Exception?[workers];
        _threads = new Thread[workers - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            int worker = i + 1;
            _threads[i] = new Thread(() => Work(worker)) { IsBackground = true, Name = $"{name} {worker}" };
            _threads[i].Start();
        }
    }

    public int Workers { get; }

    /// <summary>Calls <paramref name="body"/> once for each of 0..items-1 and returns when all are done. A failure is rethrown here.</summary>
    public void Run(int items, Action<int> body)
    {
        (_body, _items, _next) = (body, items, 0);
        _barrier.SignalAndWait();
        Take(0);
        _barrier.SignalAndWait();
        for (int worker = 0; worker < _failures.Length; worker++)
        {
            if (_failures[worker] is not { } failure)
                continue;
            Array.Clear(_failures);
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    private void Work(int worker)
    {
        while (true)
        {
            _barrier.SignalAndWait();
            if (_body is null)
                return;
            Take(worker);
            _barrier.SignalAndWait();
        }
    }

    private void Take(int worker)
    {
        try
        {
            for (int item = Interlocked.Increment(ref _next) - 1; item < _items; item = Interlocked.Increment(ref _next) - 1)
                _body!(item);
        }
        catch (Exception e)
        {
            _failures[worker] = e;
        }
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _body = null;
        if (_threads.Length > 0)
            _barrier.SignalAndWait();
        foreach (Thread thread in _threads)
            thread.Join();
        _barrier.Dispose();
    }
}
