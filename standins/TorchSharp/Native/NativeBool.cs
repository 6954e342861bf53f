namespace TorchSharp;

/// <summary>C++'s bool: one byte. The source generator of LibraryImport refuses the bool of C#.</summary>
internal readonly struct NativeBool
{
    private readonly byte _value;

    private NativeBool(bool value) => _value = value ? (byte)1 : (byte)0;

    public static implicit operator NativeBool(bool value) => new(value);

    public static implicit operator bool(NativeBool value) => value._value != 0;
}
