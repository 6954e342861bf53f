using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace SafeMarl.StandIns.Tests.MicrosoftML;

/// <summary>A damaged file fails in one way only, and takes no memory with it.</summary>
internal sealed class DamagedModelFileTests
{
    private const long MemoryLimit = 4 << 20;

    private readonly MLContext _ml = new(seed: 1);
    private readonly byte[] _file;

    public DamagedModelFileTests()
    {
        using var stream = new MemoryStream();
        _ml.Model.Save(PolicySample.Fit(_ml), new GeneratedDataView().Schema, stream);
        _file = stream.ToArray();
    }

    [Test]
    public void Load_EveryByteWithOneBitFlipped_FailsCleanlyOrLoadsTheSame()
    {
        int failed = 0;
        for (int i = 0; i < _file.Length; i++)
        {
            byte[] damaged = [.. _file];
            damaged[i] ^= (byte)(1 << (i % 8));
            failed += Check(damaged, $"bit {i % 8} of byte {i}");
        }

        Assert.That(failed, Is.GreaterThan(_file.Length / 2));
    }

    [Test]
    public void Load_SeveralRandomBytesChanged_FailsCleanlyOrLoadsTheSame()
    {
        var random = new Random(7);
        int failed = 0;
        for (int round = 0; round < 400; round++)
        {
            byte[] damaged = [.. _file];
            for (int changes = random.Next(1, 9); changes > 0; changes--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            failed += Check(damaged, $"round {round}");
        }

        Assert.That(failed, Is.GreaterThan(200));
    }

    [Test]
    public void Load_Truncated_FailsCleanly()
    {
        for (int length = 0; length < _file.Length; length += 7)
            Assert.That(Check(_file[..length], $"{length} bytes"), Is.EqualTo(1), $"{length} bytes");
    }

    [Test]
    public void Load_PartsMovedOrRepeated_FailsCleanlyOrLoadsTheSame()
    {
        var random = new Random(11);
        for (int round = 0; round < 200; round++)
        {
            int start = random.Next(_file.Length);
            int end = random.Next(start, _file.Length);
            Check([.. _file[..start], .. _file[end..]], $"without {start}..{end}");
            Check([.. _file[..end], .. _file[start..]], $"with {start}..{end} twice");
        }

        Assert.That(Check([.. _file], "the file itself"), Is.Zero);
    }

    [Test]
    public void Load_EntriesChangedUnderAMatchingHash_FailsCleanlyOrForTheContract()
    {
        var random = new Random(13);
        string[] names = [.. Entries(_file).Keys.Where(name => name != "model.json")];
        int failed = 0;
        for (int round = 0; round < 400; round++)
        {
            string name = names[random.Next(names.Length)];
            byte[] damaged = Rewrite(name, content =>
            {
                byte[] changed = [.. content];
                changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
                return random.Next(4) == 0 ? changed[..random.Next(changed.Length)] : changed;
            });
            Exception? error = Failure(damaged);
            Assert.That(error, Is.Null.Or.InstanceOf<FormatException>().Or.InstanceOf<InvalidDataException>().Or.InstanceOf<InvalidOperationException>(), $"round {round}: {name}");
            failed += error is null ? 0 : 1;
        }

        Assert.That(failed, Is.GreaterThan(100));
    }

    [TestCase("model.json", "\"version\": 1", "\"version\": 2", "version 2")]
    [TestCase("model.json", "SafeMarl.StandIn.Model", "Somebody.Elses.Format.", "Somebody")]
    [TestCase("model.json", "\"name\": \"schema\"", "\"name\": \"scheme\"", "scheme")]
    [TestCase("model.json", "\"sha256\": \"", "\"sha256\": \"0", "SHA-256")]
    [TestCase("model.json", "\"length\": ", "\"length\": 90", "header")]
    [TestCase("model.json", "{", "[", "damaged")]
    public void Load_AnotherHeader_SaysWhatIsWrong(string entry, string old, string changed, string said)
    {
        byte[] file = Rewrite(entry, content => Encoding.UTF8.GetBytes(ReplaceFirst(Encoding.UTF8.GetString(content), old, changed)));

        Assert.That(Failure(file), Is.InstanceOf<FormatException>().With.Message.Contains(said));
    }

    [Test]
    public void Load_ACompressedBomb_IsRefusedWithoutUnpackingIt()
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        using (Stream entry = zip.CreateEntry("model.json", CompressionLevel.SmallestSize).Open())
            entry.Write(new byte[64 << 20]);

        Assert.That(Check(stream.ToArray(), "bomb"), Is.EqualTo(1));
    }

    [TestCase("")]
    [TestCase("not a zip at all, but long enough to hold the end of one: ..................................................")]
    public void Load_AnotherKindOfFile_FailsCleanly(string text) =>
        Assert.That(Check(Encoding.UTF8.GetBytes(text), text), Is.EqualTo(1));

    /// <summary>1 when the file was refused, 0 when it loads as what was saved; anything else is a failure.</summary>
    private int Check(byte[] file, string what)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exception? error = Failure(file);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(allocated, Is.LessThan(MemoryLimit), what);
        Assert.That(error, Is.Null.Or.InstanceOf<FormatException>().Or.InstanceOf<InvalidDataException>(), what);
        return error is null ? 0 : 1;
    }

    private Exception? Failure(byte[] file)
    {
        try
        {
            ITransformer loaded = _ml.Model.Load(new MemoryStream(file), out DataViewSchema schema);
            using var again = new MemoryStream();
            _ml.Model.Save(loaded, schema, again);
            if (Hash(file) == Hash(_file) || Entries(file)["model.json"].AsSpan().SequenceEqual(Entries(_file)["model.json"]))
                Assert.That(again.ToArray(), Is.EqualTo(_file));
            return null;
        }
        catch (Exception e) when (e is not AssertionException)
        {
            return e;
        }
    }

    private byte[] Rewrite(string name, Func<byte[], byte[]> change)
    {
        Dictionary<string, byte[]> entries = Entries(_file);
        entries[name] = change(entries[name]);
        if (name != "model.json")
        {
            JsonNode header = JsonNode.Parse(entries["model.json"])!;
            JsonNode listed = header["entries"]!.AsArray().Single(e => (string)e!["name"]! == name)!;
            listed["length"] = entries[name].Length;
            listed["sha256"] = Hash(entries[name]);
            entries["model.json"] = Encoding.UTF8.GetBytes(header.ToJsonString());
        }
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string key, byte[] content) in entries)
            {
                using Stream entry = zip.CreateEntry(key, CompressionLevel.NoCompression).Open();
                entry.Write(content);
            }
        }
        return stream.ToArray();
    }

    private static Dictionary<string, byte[]> Entries(byte[] file)
    {
        using var zip = new ZipArchive(new MemoryStream(file));
        return zip.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using Stream stream = entry.Open();
            using var content = new MemoryStream();
            stream.CopyTo(content);
            return content.ToArray();
        });
    }

    private static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static string ReplaceFirst(string text, string old, string changed)
    {
        int at = text.IndexOf(old, StringComparison.Ordinal);
        Assert.That(at, Is.GreaterThanOrEqualTo(0), $"the header holds no {old}");
        return text[..at] + changed + text[(at + old.Length)..];
    }
}
