using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML;

/// <summary>
/// The file of a saved model: a zip of a JSON header, which lists the length and SHA-256 of every entry, the entries of the
/// transformers, and that of the input schema. Entries are stored, not compressed, so that no length in a damaged file can ask for more
/// memory than the file itself takes.
/// </summary>
internal static class ModelArchive
{
    private const string Format = "SafeMarl.StandIn.Model";
    private const int Version = 1;
    private const string HeaderName = "model.json";
    private const string SchemaName = "schema";

    // The same model gives the same bytes.
    private static readonly DateTimeOffset Timestamp = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
    };

    public static byte[] Write(SavedModel model, byte[]? schema)
    {
        List<(string Name, byte[] Content)> entries = [.. model.ToEntries().Select((content, i) => (TransformerName(i), content))];
        if (schema is not null)
            entries.Add((SchemaName, schema));
        var header = new Header(Format, Version, [.. entries.Select(e => new HeaderEntry(e.Name, e.Content.Length, Hash(e.Content)))]);

        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in entries.Prepend((HeaderName, JsonSerializer.SerializeToUtf8Bytes(header, Json))))
            {
                ZipArchiveEntry entry = zip.CreateEntry(name, CompressionLevel.NoCompression);
                entry.LastWriteTime = Timestamp;
                using Stream stream = entry.Open();
                stream.Write(content);
            }
        }
        return file.ToArray();
    }

    /// <exception cref="FormatException">The bytes are no model, or a damaged one.</exception>
    public static (SavedModel Model, byte[]? Schema) Read(byte[] file)
    {
        try
        {
            Dictionary<string, byte[]> entries = ReadEntries(file);
            byte[]? schema = entries.Remove(SchemaName, out byte[]? found) ? found : null;
            return (SavedModel.FromEntries(Enumerable.Range(0, entries.Count).Select(i => entries[TransformerName(i)])), schema);
        }
        catch (Exception e) when (e is not (FormatException or InvalidDataException or OutOfMemoryException))
        {
            throw new FormatException("The file is not a model of this library, or it is damaged: " + e.Message, e);
        }
    }

    private static Dictionary<string, byte[]> ReadEntries(byte[] file)
    {
        using var zip = new ZipArchive(new MemoryStream(file, writable: false), ZipArchiveMode.Read);
        Header header = JsonSerializer.Deserialize<Header>(Content(zip, HeaderName, null), Json)
            ?? throw new FormatException("The model has no header.");
        if (header.Format != Format)
            throw new FormatException($"The file holds '{header.Format}', not '{Format}'.");
        if (header.Version != Version)
            throw new FormatException($"The model has version {header.Version}; this library reads version {Version}.");
        if (header.Entries.Sum(entry => (long)entry.Length) > file.Length || zip.Entries.Count != header.Entries.Length + 1)
            throw new FormatException("The model is damaged: its header does not list what the file holds.");

        var entries = new Dictionary<string, byte[]>();
        foreach (HeaderEntry entry in header.Entries)
        {
            byte[] content = Content(zip, entry.Name, entry.Length);
            if (Hash(content) != entry.Sha256)
                throw new FormatException($"The model is damaged: entry '{entry.Name}' does not have the SHA-256 that the header names.");
            entries.Add(entry.Name, content);
        }
        return entries;
    }

    private static byte[] Content(ZipArchive zip, string name, int? length)
    {
        ZipArchiveEntry entry = zip.GetEntry(name) ?? throw new FormatException($"The file is no model, or a damaged one: it has no entry '{name}'.");
        if (entry.CompressedLength != entry.Length || entry.Length != (length ?? entry.Length))
            throw new FormatException($"The model is damaged: entry '{name}' does not have the length that the header names.");
        using Stream stream = entry.Open();
        var content = new byte[entry.Length];
        stream.ReadExactly(content);
        return content;
    }

    private static string TransformerName(int index) => $"transformers/{index:d4}";

    private static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private sealed record Header(
        [property: JsonRequired] string Format, [property: JsonRequired] int Version, [property: JsonRequired] HeaderEntry[] Entries);

    private sealed record HeaderEntry(
        [property: JsonRequired] string Name, [property: JsonRequired] int Length, [property: JsonRequired] string Sha256);
}
