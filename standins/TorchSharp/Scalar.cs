namespace TorchSharp;

/// <summary>A number that an operation takes beside tensors. It converts implicitly from .NET's numbers.</summary>
public sealed class Scalar : IDisposable
{
    private Scalar(NativeNumber value) => Value = value;

    internal NativeNumber Value { get; }

    public static implicit operator Scalar(byte value) => new((long)value);

    public static implicit operator Scalar(sbyte value) => new((long)value);

    public static implicit operator Scalar(short value) => new((long)value);

    public static implicit operator Scalar(int value) => new((long)value);

    public static implicit operator Scalar(long value) => new(value);

    public static implicit operator Scalar(Half value) => new((double)value);

    public static implicit operator Scalar(float value) => new((double)value);

    public static implicit operator Scalar(double value) => new(value);

    public static implicit operator Scalar(bool value) => new(value);

    /// <summary>There is nothing to free here; the official class has a native counterpart.</summary>
    public void Dispose()
    {
    }
}
