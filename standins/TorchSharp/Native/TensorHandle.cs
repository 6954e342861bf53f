namespace TorchSharp;

/// <summary>
/// Owns one native tensor. The finalizer is here and not on Tensor, whose official surface has none; a wrapper that nobody disposed
/// is freed through it all the same.
/// </summary>
internal sealed class TensorHandle
{
    private static long s_total;
    private static long s_peak;

    private nint _pointer;

    internal TensorHandle(nint pointer)
    {
        _pointer = pointer;
        long total = Interlocked.Increment(ref s_total);
        long peak;
        do
            peak = Interlocked.Read(ref s_peak);
        while (total > peak && Interlocked.CompareExchange(ref s_peak, total, peak) != peak);
    }

    ~TensorHandle() => Release();

    internal static long TotalCount => Interlocked.Read(ref s_total);

    internal static long PeakCount => Interlocked.Read(ref s_peak);

    internal nint Pointer => _pointer;

    internal void Free()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        nint pointer = Interlocked.Exchange(ref _pointer, 0);
        if (pointer == 0)
            return;
        Interlocked.Decrement(ref s_total);
        Native.smt_free(pointer);
    }
}
