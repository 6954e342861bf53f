namespace Microsoft.ML;

/// <summary>A transformer as it is saved: the name of its kind, its own bytes, and its parts.</summary>
internal sealed record SavedModel(string Kind, byte[] Data, SavedModel[] Parts)
{
    public const int MaxDepth = 32;

    /// <summary>One entry per transformer, parts after their whole.</summary>
    public IEnumerable<byte[]> ToEntries()
    {
        var writer = new ModelWriter();
        writer.Text(Kind);
        writer.Count(Parts.Length);
        writer.Bytes(Data);
        return Parts.SelectMany(part => part.ToEntries()).Prepend(writer.ToArray());
    }

    public static SavedModel FromEntries(IEnumerable<byte[]> entries)
    {
        var left = new Queue<byte[]>(entries);
        SavedModel model = Next(left, 0);
        return left.Count == 0 ? model : throw new FormatException("The model holds more transformers than it is made of.");
    }

    private static SavedModel Next(Queue<byte[]> left, int depth)
    {
        if (depth > MaxDepth)
            throw new FormatException($"The model nests transformers more than {MaxDepth} deep.");
        if (!left.TryDequeue(out byte[]? entry))
            throw new FormatException("The model holds fewer transformers than it is made of.");
        var reader = new ModelReader(entry);
        string kind = reader.Name();
        int count = reader.Count();
        byte[] data = reader.Bytes();
        reader.End();
        if (count > left.Count)
            throw new FormatException("The model holds fewer transformers than it is made of.");
        var parts = new SavedModel[count];
        for (int i = 0; i < count; i++)
            parts[i] = Next(left, depth + 1);
        return new SavedModel(kind, data, parts);
    }
}
