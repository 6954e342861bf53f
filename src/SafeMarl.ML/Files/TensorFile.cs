using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace SafeMarl.ML.Files;

/// <summary>
/// Named arrays and text in one file: the safetensors layout (8 bytes header length, JSON header, raw little-endian data), with a SHA-256
/// over everything among the metadata. Sizes are checked against the file before anything is allocated for them.
/// </summary>
internal sealed class TensorFile
{
    private const string Checksum = "sha256", MetadataKey = "__metadata__";
    private const int MaxHeader = 16 << 20;

    private readonly SortedDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _metadata = new(StringComparer.Ordinal);

    private sealed record Entry(string Type, long[] Shape, ReadOnlyMemory<byte> Data);

    /// <summary>Where the file came from, for error messages.</summary>
    public string Origin { get; private init; } = "";

    /// <summary>Text beside the arrays.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>Names of the arrays.</summary>
    public IEnumerable<string> Names => _entries.Keys;

    public void SetMetadata(string key, string value) => _metadata[key] = value;

    /// <summary>Adds an array; its length must be the product of <paramref name="shape"/>.</summary>
    public void Add<T>(string name, ReadOnlySpan<T> values, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        long[] sizes = shape.IsEmpty ? [values.Length] : shape.ToArray();
        if (Product(sizes) != values.Length)
            throw new ArgumentException($"'{name}' has {values.Length} values, which do not fill [{string.Join(", ", sizes)}].", nameof(values));
        _entries.Add(name, new Entry(TypeName<T>(), sizes, MemoryMarshal.AsBytes(values).ToArray()));
    }

    /// <summary>Whether there is an array of this name.</summary>
    public bool Contains(string name) => _entries.ContainsKey(name);

    /// <summary>An array by name.</summary>
    /// <exception cref="CorruptFileException">It is missing, of another type, or of another shape than asked for (if one is).</exception>
    public T[] Get<T>(string name, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        if (!_entries.TryGetValue(name, out Entry? entry))
            throw Corrupt($"it has no '{name}'");
        if (entry.Type != TypeName<T>())
            throw Corrupt($"'{name}' has type {entry.Type} instead of {TypeName<T>()}");
        if (!shape.IsEmpty && !entry.Shape.AsSpan().SequenceEqual(shape))
            throw Corrupt($"'{name}' has shape [{string.Join(", ", entry.Shape)}] instead of [{string.Join(", ", shape.ToArray())}]");
        return MemoryMarshal.Cast<byte, T>(entry.Data.Span).ToArray();
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
                json.WriteNumberValue(offset += entry.Data.Length);
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
            stream.Write(entry.Data.Span);
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
            return Parse(File.ReadAllBytes(path), path);
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
        var file = new TensorFile { Origin = origin };
        if (bytes.Length < 8)
            throw file.Corrupt("it is too short");
        long headerLength = BinaryPrimitives.ReadInt64LittleEndian(bytes.Span);
        if (headerLength < 2 || headerLength > Math.Min(MaxHeader, bytes.Length - 8))
            throw file.Corrupt("its header does not fit into it");
        ReadOnlyMemory<byte> data = bytes[(8 + (int)headerLength)..];
        try
        {
            using JsonDocument header = JsonDocument.Parse(bytes.Slice(8, (int)headerLength));
            foreach (JsonProperty property in header.RootElement.EnumerateObject())
                file.Read(property, data);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException or OverflowException)
        {
            throw file.Corrupt("its header is damaged", e);
        }
        if (file._entries.Values.Sum(e => (long)e.Data.Length) != data.Length)
            throw file.Corrupt("its header does not list all that it holds");
        if (!file._metadata.TryGetValue(Checksum, out string? checksum) || checksum != file.ComputeChecksum())
            throw file.Corrupt("its checksum does not fit its content");
        return file;
    }

    private void Read(JsonProperty property, ReadOnlyMemory<byte> data)
    {
        if (property.Name == MetadataKey)
        {
            foreach (JsonProperty item in property.Value.EnumerateObject())
                _metadata.Add(item.Name, item.Value.GetString() ?? throw new FormatException());
            return;
        }
        string type = property.Value.GetProperty("dtype").GetString() ?? "";
        long[] shape = [.. property.Value.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64())];
        long[] offsets = [.. property.Value.GetProperty("data_offsets").EnumerateArray().Select(o => o.GetInt64())];
        if (offsets is not [long begin, long end] || begin < 0 || end < begin || end > data.Length || checked(Product(shape) * SizeOf(type)) != end - begin)
            throw Corrupt($"the size of '{property.Name}' does not fit its data");
        _entries.Add(property.Name, new Entry(type, shape, data[(int)begin..(int)end]));
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
            hash.AppendData(entry.Data.Span);
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
