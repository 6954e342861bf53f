using System.Buffers.Binary;
using System.Text;
using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>Writes the bytes of one entry of a saved model: little-endian numbers, and text as UTF-8 after its length.</summary>
internal sealed class ModelWriter
{
    internal static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly MemoryStream _bytes = new();

    public byte[] ToArray() => _bytes.ToArray();
    public void Flag(bool value) => _bytes.WriteByte(value ? (byte)1 : (byte)0);
    public void Count(int value) => Value(value);

    public void Text(ReadOnlySpan<char> value)
    {
        var bytes = new byte[Utf8.GetByteCount(value)];
        Utf8.GetBytes(value, bytes);
        Bytes(bytes);
    }

    public void Bytes(byte[] value)
    {
        Count(value.Length);
        _bytes.Write(value);
    }

    public void Type(DataViewType type)
    {
        var vector = type as VectorDataViewType;
        _bytes.WriteByte(PrimitiveTypes.Code(vector?.ItemType ?? type));
        Count(vector?.Dimensions.Length ?? 0);
        foreach (int dimension in vector?.Dimensions ?? [])
            Count(dimension);
    }

    /// <summary>A value of a primitive column type.</summary>
    public void Value<T>(T value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        switch (value)
        {
            case bool flag: Flag(flag); return;
            case ReadOnlyMemory<char> text: Text(text.Span); return;
            case sbyte number: bytes[0] = (byte)number; bytes = bytes[..1]; break;
            case byte number: bytes[0] = number; bytes = bytes[..1]; break;
            case short number: BinaryPrimitives.WriteInt16LittleEndian(bytes = bytes[..2], number); break;
            case ushort number: BinaryPrimitives.WriteUInt16LittleEndian(bytes = bytes[..2], number); break;
            case int number: BinaryPrimitives.WriteInt32LittleEndian(bytes = bytes[..4], number); break;
            case uint number: BinaryPrimitives.WriteUInt32LittleEndian(bytes = bytes[..4], number); break;
            case long number: BinaryPrimitives.WriteInt64LittleEndian(bytes, number); break;
            case ulong number: BinaryPrimitives.WriteUInt64LittleEndian(bytes, number); break;
            case float number: BinaryPrimitives.WriteSingleLittleEndian(bytes = bytes[..4], number); break;
            case double number: BinaryPrimitives.WriteDoubleLittleEndian(bytes, number); break;
            default: throw new NotSupportedException($"The stand-in cannot save a {typeof(T)}.");
        }
        _bytes.Write(bytes);
    }
}
