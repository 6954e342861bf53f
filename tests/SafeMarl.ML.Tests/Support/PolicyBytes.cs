using System.Buffers.Binary;
using System.Text;
using SafeMarl.ML.Files;

namespace SafeMarl.ML.Tests.Support;

/// <summary>Policies as the bytes of their files.</summary>
internal static class PolicyBytes
{
    public static byte[] Of(Policy policy)
    {
        using var memory = new MemoryStream();
        policy.Save(memory);
        return memory.ToArray();
    }

    /// <summary>The file of a policy whose manifest says something else, under a checksum that fits it.</summary>
    public static byte[] Rewrite(Policy policy, string from, string to) => Rewrite(Of(policy), manifest =>
    {
        Assert.That(manifest, Does.Contain(from));
        return manifest.Replace(from, to, StringComparison.Ordinal);
    });

    /// <summary>The same file with another manifest and a checksum that fits it.</summary>
    public static byte[] Rewrite(byte[] bytes, Func<string, string> change)
    {
        TensorFile source = TensorFile.Parse(bytes, "test"), target = new();
        foreach ((string key, string value) in source.Metadata)
            target.SetMetadata(key, key == "manifest" ? change(value) : value);
        long length = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        using var header = System.Text.Json.JsonDocument.Parse(Encoding.UTF8.GetString(bytes, 8, (int)length));
        foreach (string name in source.Names)
            target.Add<float>(name, source.Get<float>(name), [.. header.RootElement.GetProperty(name).Numbers("shape").Select(s => (long)s)]);
        return target.ToBytes();
    }
}
