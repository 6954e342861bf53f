using System.Buffers.Binary;
using System.Text;
using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>Reads what <see cref="ModelWriter"/> wrote. Every length is checked against the bytes that are left.</summary>
internal sealed class ModelReader(byte[] bytes)
{
    private int _position;

    public bool Flag() => Take(1)[0] switch
    {
        0 => false,
        1 => true,
        _ => throw Damaged(),
    };

    /// <summary>A number of things, none of which takes less than nothing.</summary>
    public int Count() => Value<int>() is var count and >= 0 ? count : throw Damaged();

    public string Text()
    {
        try
        {
            return ModelWriter.Utf8.GetString(Take(Count()));
        }
        catch (DecoderFallbackException)
        {
            throw Damaged();
        }
    }

    public string Name() => Text() is { Length: > 0 } name ? name : throw Damaged();
    public byte[] Bytes() => Take(Count()).ToArray();

    public T[] Many<T>(Func<ModelReader, T> read)
    {
        var items = new List<T>();
        for (int left = Count(); left > 0; left--)
            items.Add(read(this));
        return [.. items];
    }

    public DataViewType Type()
    {
        PrimitiveDataViewType item = PrimitiveTypes.OfCode(Take(1)[0]);
        int[] dimensions = Many(reader => reader.Count());
        try
        {
            return dimensions.Length == 0 ? item : new VectorDataViewType(item, dimensions);
        }
        catch (OverflowException)
        {
            throw Damaged();
        }
    }

    public T Value<T>()
    {
        object value = System.Type.GetTypeCode(typeof(T)) switch
        {
            TypeCode.Boolean => Flag(),
            TypeCode.SByte => (sbyte)Take(1)[0],
            TypeCode.Byte => Take(1)[0],
            TypeCode.Int16 => BinaryPrimitives.ReadInt16LittleEndian(Take(2)),
            TypeCode.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(Take(2)),
            TypeCode.Int32 => BinaryPrimitives.ReadInt32LittleEndian(Take(4)),
            TypeCode.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(Take(4)),
            TypeCode.Int64 => BinaryPrimitives.ReadInt64LittleEndian(Take(8)),
            TypeCode.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(Take(8)),
            TypeCode.Single => BinaryPrimitives.ReadSingleLittleEndian(Take(4)),
            TypeCode.Double => BinaryPrimitives.ReadDoubleLittleEndian(Take(8)),
            _ => Text().AsMemory(),
        };
        return (T)value;
    }

    public void End()
    {
        if (_position != bytes.Length)
            throw Damaged();
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > bytes.Length - _position)
            throw Damaged();
        _position += count;
        return bytes.AsSpan(_position - count, count);
    }

    private static FormatException Damaged() => new("The model is damaged: an entry does not hold what it says.");
}
