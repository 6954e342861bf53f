namespace TorchSharp;

public static partial class torch
{
    public static Tensor zeros(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Filled(size, 0L, dtype, device, requires_grad, names);

    public static Tensor zeros(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Filled(size, 0L, dtype, device, requires_grad, names);

    public static Tensor ones(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Filled(size, 1L, dtype, device, requires_grad, names);

    public static Tensor ones(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Filled(size, 1L, dtype, device, requires_grad, names);

    public static Tensor full(long[] size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Filled(size, value.Value, dtype ?? Natural(value.Value), device, requires_grad, names);

    public static Tensor full(ReadOnlySpan<long> size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Filled(size, value.Value, dtype ?? Natural(value.Value), device, requires_grad, names);

    public static Tensor empty(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        empty(size.AsSpan(), dtype, device, requires_grad, names);

    public static Tensor empty(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null)
    {
        RequireUnnamed(names);
        Device place = device ?? CPU;
        return Native.Wrap(Native.smt_empty(size, size.Length, (int)(dtype ?? float32), (int)place.type, place.index, requires_grad, out nint result), result, null);
    }

    public static Tensor zeros_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        zeros(input.shape, dtype ?? input.dtype, device ?? input.device, requires_grad, names);

    public static Tensor ones_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        ones(input.shape, dtype ?? input.dtype, device ?? input.device, requires_grad, names);

    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => arange(0, stop, 1, dtype, device, requires_grad);

    public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(start, stop, 1, dtype, device, requires_grad);

    /// <summary>start, start + step ... below stop; whole numbers unless one of the three is not.</summary>
    public static Tensor arange(Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        Device place = device ?? CPU;
        bool whole = start.Value.IsInteger && stop.Value.IsInteger && step.Value.IsInteger;
        int type = (int)(dtype ?? (whole ? int64 : float32));
        return Native.Wrap(Native.smt_arange(start.Value, stop.Value, step.Value, type, (int)place.type, place.index, requires_grad, out nint result), result, null);
    }

    public static Tensor tensor(float[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Copied(rawArray, float32, [rawArray.LongLength], dtype, device, requires_grad, names);

    public static Tensor tensor(float[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null,
        bool requires_grad = false, string[]? names = null) =>
        Copied(rawArray, float32, dimensions, dtype, device, requires_grad, names);

    public static Tensor tensor(double[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Copied(rawArray, float64, [rawArray.LongLength], dtype, device, requires_grad, names);

    public static Tensor tensor(double[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null,
        bool requires_grad = false, string[]? names = null) =>
        Copied(rawArray, float64, dimensions, dtype, device, requires_grad, names);

    public static Tensor tensor(long[] dataArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Copied(dataArray, int64, [dataArray.LongLength], dtype, device, requires_grad, names);

    public static Tensor tensor(long[] dataArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null,
        bool requires_grad = false, string[]? names = null) =>
        Copied(dataArray, int64, dimensions, dtype, device, requires_grad, names);

    public static Tensor tensor(float scalar, Device? device = null, bool requires_grad = false) => Filled([], (double)scalar, float32, device, requires_grad, null);

    public static Tensor tensor(double scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Filled([], scalar, dtype ?? float64, device, requires_grad, null);

    /// <summary>An Int32. It is here so that tensor(1) means what it means officially, and is not taken for an Int64.</summary>
    public static Tensor tensor(int scalar, Device? device = null, bool requires_grad = false) => Filled([], (long)scalar, ScalarType.Int32, device, requires_grad, null);

    public static Tensor tensor(long scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Filled([], scalar, dtype ?? int64, device, requires_grad, null);

    private static Tensor Filled(ReadOnlySpan<long> size, NativeNumber value, ScalarType? dtype, Device? device, bool requiresGrad, string[]? names)
    {
        RequireUnnamed(names);
        Device place = device ?? CPU;
        return Native.Wrap(Native.smt_full(size, size.Length, value, (int)(dtype ?? float32), (int)place.type, place.index, requiresGrad, out nint result), result, null);
    }

    private static unsafe Tensor Copied<T>(T[] values, ScalarType stored, ReadOnlySpan<long> size, ScalarType? dtype, Device? device, bool requiresGrad, string[]? names)
        where T : unmanaged
    {
        RequireUnnamed(names);
        long count = 1;
        foreach (long length in size)
            count = checked(count * length);
        if (count != values.LongLength)
        {
            string shape = string.Join(", ", size.ToArray());
            throw new ArgumentException($"mismatched total size creating a tensor from an array: [{shape}] holds {count} elements, the array {values.LongLength}.");
        }
        Device place = device ?? CPU;
        fixed (T* data = values)
        {
            int code = Native.smt_from_data(data, (int)stored, size, size.Length, (int)(dtype ?? stored), (int)place.type, place.index, requiresGrad, out nint result);
            return Native.Wrap(code, result, null);
        }
    }

    private static ScalarType Natural(NativeNumber value) => value.IsFloatingPoint ? float32 : int64;

    private static void RequireUnnamed(string[]? names)
    {
        if (names is { Length: > 0 })
            throw new NotSupportedException("This stand-in has no named dimensions.");
    }
}
