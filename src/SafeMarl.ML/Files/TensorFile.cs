using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace SafeMarl.ML.Files;

/// <summary>
/// Named arrays and text in one file: the safetensors layout (8 bytes header length, JSON header, raw little-endian data), with a SHA-256
/// over everything among the metadata. Sizes are checked against the file before anything is allocated for them. A file may be larger than
/// 2 GB, an array in it may not.
/// </summary>
internal sealed class TensorFile
{
    private const string Checksum = "sha256", MetadataKey = "__metadata__";
    private const int MaxHeader = 16 << 20;

    private readonly SortedDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _metadata = new(StringComparer.Ordinal);

    private abstract record Entry(string Type, long[] Shape)
    {
        public abstract ReadOnlySpan<byte> Bytes { get; }
    }

    private sealed record Entry<T>(string Type, long[] Shape, ReadOnlyMemory<T> Values) : Entry(Type, Shape)
        where T : unmanaged
    {
        public override ReadOnlySpan<byte> Bytes => MemoryMarshal.AsBytes(Values.Span);
    }

    /// <summary>An array in a file: its data lie from <paramref name="Begin"/> to <paramref name="End"/>, counted from the end of the header.</summary>
    private readonly record struct Place(string Name, string Type, long[] Shape, long Begin, long End);

    /// <summary>Where the file came from, for error messages.</summary>
    public string Origin { get; private init; } = "";

    /// <summary>Text beside the arrays.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>Names of the arrays.</summary>
    public IEnumerable<string> Names => _entries.Keys;

    public void SetMetadata(string key, string value) => _metadata[key] = value;

    /// <summary>Adds a copy of an array; its length must be the product of <paramref name="shape"/>.</summary>
    public void Add<T>(string name, ReadOnlySpan<T> values, params ReadOnlySpan<long> shape)
        where T : unmanaged => AddShared<T>(name, values.ToArray(), shape);

    /// <summary>Adds a large array as it is: it must not change until the file has been written.</summary>
    public void AddShared<T>(string name, ReadOnlyMemory<T> values, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        long[] sizes = shape.IsEmpty ? [values.Length] : shape.ToArray();
        if (Product(sizes) != values.Length)
            throw new ArgumentException($"'{name}' has {values.Length} values, which do not fill [{string.Join(", ", sizes)}].", nameof(values));
        _entries.Add(name, new Entry<T>(TypeName<T>(), sizes, values));
    }

    /// <summary>Whether there is an array of this name.</summary>
    public bool Contains(string name) => _entries.ContainsKey(name);

    /// <summary>An array by name.</summary>
    /// <exception cref="CorruptFileException">It is missing, of another type, or of another shape than asked for (if one is).</exception>
    public T[] Get<T>(string name, params ReadOnlySpan<long> shape)
        where T : unmanaged => View<T>(name, shape).ToArray();

    /// <summary>Copies an array, of one dimension, to a place of the same length.</summary>
    /// <exception cref="CorruptFileException">It is missing, of another type, or of another length.</exception>
    public void CopyTo<T>(string name, Span<T> destination)
        where T : unmanaged => View<T>(name, destination.Length).CopyTo(destination);

    /// <summary>An array by name, without copying it.</summary>
    /// <inheritdoc cref="Get{T}"/>
    public ReadOnlySpan<T> View<T>(string name, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        if (!_entries.TryGetValue(name, out Entry? entry))
            throw Corrupt($"it has no '{name}'");
        if (entry.Type != TypeName<T>())
            throw Corrupt($"'{name}' has type {entry.Type} instead of {TypeName<T>()}");
        if (!shape.IsEmpty && !entry.Shape.AsSpan().SequenceEqual(shape))
            throw Corrupt($"'{name}' has shape [{string.Join(", ", entry.Shape)}] instead of [{string.Join(", ", shape.ToArray())}]");
        return MemoryMarshal.Cast<byte, T>(entry.Bytes);
    }

    /// <summary>Text by key.</summary>
    /// <exception cref="CorruptFileException">It is missing.</exception>
    public string GetMetadata(string key) => _metadata.TryGetValue(key, out string? value) ? value : throw Corrupt($"it has no '{key}'");

    public CorruptFileException Corrupt(string problem, Exception? inner = null) => new($"'{Origin}' cannot be used: {problem}.", inner);

    public void Write(Stream stream)
    {
        _metadata[Checksum] = ComputeChecksum();
        using var header = new MemoryStream();
        using (var json = new Utf8JsonWriter(header))
        {
            json.WriteStartObject();
            json.WriteStartObject(MetadataKey);
            foreach ((string key, string value) in _metadata)
                json.WriteString(key, value);
            json.WriteEndObject();
            long offset = 0;
            foreach ((string name, Entry entry) in _entries)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", entry.Type);
                json.WriteStartArray("shape");
                foreach (long size in entry.Shape)
                    json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += entry.Bytes.Length);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (header.Length % 8 != 0)
            header.WriteByte((byte)' ');
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header.GetBuffer().AsSpan(0, (int)header.Length));
        foreach (Entry entry in _entries.Values)
            stream.Write(entry.Bytes);
    }

    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        Write(stream);
        return stream.ToArray();
    }

    public static TensorFile Load(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return Read(stream.Length, count =>
            {
                var bytes = new byte[count];
                stream.ReadExactly(bytes);
                return bytes;
            }, path);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or (IOException and not (FileNotFoundException or DirectoryNotFoundException)))
        {
            throw new CorruptFileException($"'{path}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads the content of a file that came from <paramref name="origin"/>.</summary>
    /// <exception cref="CorruptFileException">Anything about it is wrong.</exception>
    public static TensorFile Parse(ReadOnlyMemory<byte> bytes, string origin)
    {
        int position = 0;
        return Read(bytes.Length, count => bytes.Slice((position += (int)count) - (int)count, (int)count), origin);
    }

    // take gives the next so many bytes.
    private static TensorFile Read(long length, Func<long, ReadOnlyMemory<byte>> take, string origin)
    {
        var file = new TensorFile { Origin = origin };
        if (length < 8)
            throw file.Corrupt("it is too short");
        long headerLength = BinaryPrimitives.ReadInt64LittleEndian(take(8).Span);
        if (headerLength < 2 || headerLength > Math.Min(MaxHeader, length - 8))
            throw file.Corrupt("its header does not fit into it");
        foreach (Place place in file.ReadHeader(take(headerLength), length - 8 - headerLength))
        {
            if (!file._entries.TryAdd(place.Name, new Entry<byte>(place.Type, place.Shape, take(place.End - place.Begin))))
                throw file.Corrupt($"it has '{place.Name}' twice");
        }
        if (!file._metadata.TryGetValue(Checksum, out string? checksum) || checksum != file.ComputeChecksum())
            throw file.Corrupt("its checksum does not fit its content");
        return file;
    }

    /// <summary>What the header says is in the file, in the order of the data, which it must cover without a gap.</summary>
    private List<Place> ReadHeader(ReadOnlyMemory<byte> bytes, long dataLength)
    {
        var places = new List<Place>();
        try
        {
            using JsonDocument header = JsonDocument.Parse(bytes);
            foreach (JsonProperty property in header.RootElement.EnumerateObject())
            {
                if (property.Name == MetadataKey)
                    ReadMetadata(property.Value);
                else
                    places.Add(ReadPlace(property, dataLength));
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException or OverflowException)
        {
            throw Corrupt("its header is damaged", e);
        }
        places.Sort(static (a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        long position = 0;
        foreach (Place place in places)
        {
            if (place.Begin != position)
                throw Corrupt("its header does not list all that it holds");
            position = place.End;
        }
        return position == dataLength ? places : throw Corrupt("its header does not list all that it holds");
    }

    private void ReadMetadata(JsonElement metadata)
    {
        foreach (JsonProperty item in metadata.EnumerateObject())
            _metadata.Add(item.Name, item.Value.GetString() ?? throw new FormatException());
    }

    private Place ReadPlace(JsonProperty property, long dataLength)
    {
        string type = property.Value.GetProperty("dtype").GetString() ?? "";
        long[] shape = [.. property.Value.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64())];
        long[] offsets = [.. property.Value.GetProperty("data_offsets").EnumerateArray().Select(o => o.GetInt64())];
        if (offsets is not [long begin, long end] || begin < 0 || end < begin || end > dataLength || end - begin > Array.MaxLength || checked(Product(shape) * SizeOf(type)) != end - begin)
            throw Corrupt($"the size of '{property.Name}' does not fit its data");
        return new Place(property.Name, type, shape, begin, end);
    }

    /// <summary>SHA-256 over names, types, shapes, metadata and data in a fixed order.</summary>
    private string ComputeChecksum()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string key, string value) in _metadata)
        {
            if (key != Checksum)
                hash.AppendData(Encoding.UTF8.GetBytes($"{key}={value}\n"));
        }
        foreach ((string name, Entry entry) in _entries)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}:{entry.Type}[{string.Join(',', entry.Shape)}]\n"));
            hash.AppendData(entry.Bytes);
        }
        return Convert.ToHexString(hash.GetHashAndReset()).ToLowerInvariant();
    }

    private static long Product(long[] shape)
    {
        long product = 1;
        foreach (long size in shape)
            product = size >= 0 ? checked(product * size) : throw new OverflowException();
        return product;
    }

    private static string TypeName<T>() => typeof(T) == typeof(float) ? "F32" : typeof(T) == typeof(double) ? "F64" : typeof(T) == typeof(long) ? "I64"
        : typeof(T) == typeof(byte) ? "U8" : throw new NotSupportedException(string.Create(CultureInfo.InvariantCulture, $"Arrays of {typeof(T)} are not stored."));

    private static int SizeOf(string type) => type switch
    {
        "F32" => 4,
        "F64" or "I64" => 8,
        "U8" => 1,
        _ => throw new FormatException($"Unknown type '{type}'."),
    };
}
