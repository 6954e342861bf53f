namespace TorchSharp;

/// <summary>A number with its kind, as it crosses to libtorch; the kind takes part in type promotion.</summary>
internal readonly struct NativeNumber
{
    private readonly long _bits;
    private readonly int _kind;

    private NativeNumber(long bits, Kind kind)
    {
        _bits = bits;
        _kind = (int)kind;
    }

    private enum Kind { Integer = 0, FloatingPoint = 1, Boolean = 2 }

    internal bool IsFloatingPoint => _kind == (int)Kind.FloatingPoint;

    internal bool IsInteger => _kind == (int)Kind.Integer;

    public static implicit operator NativeNumber(long value) => new(value, Kind.Integer);

    public static implicit operator NativeNumber(double value) => new(BitConverter.DoubleToInt64Bits(value), Kind.FloatingPoint);

    public static implicit operator NativeNumber(bool value) => new(value ? 1 : 0, Kind.Boolean);
}
