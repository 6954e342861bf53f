using System.Buffers.Binary;
using System.Text;
using SafeMarl.Environments;
using SafeMarl.ML.Files;
using SafeMarl.ML.Tests.Support;

namespace SafeMarl.ML.Tests.Policies;

public sealed class PolicyFileTests
{
    [Test]
    public void Load_AfterSave_GivesTheSameBits()
    {
        Policy policy = TestPolicies.Mixed();
        Policy loaded = FromBytes(PolicyBytes.Of(policy));
        float[] before = new float[2], after = new float[2];
        policy.Agents[0].Act([1, 2, 3], default, before);
        loaded.Agents[0].Act([1, 2, 3], default, after);

        Assert.Multiple(() =>
        {
            Assert.That(after, Is.EqualTo(before));
            Assert.That(PolicyBytes.Of(loaded), Is.EqualTo(PolicyBytes.Of(policy)));
            Assert.That(loaded.Agents.Select(a => a.ActionSpace.ToString()), Is.EqualTo(policy.Agents.Select(a => a.ActionSpace.ToString())));
        });
    }

    [Test]
    public void Save_WritesASafetensorsFile()
    {
        byte[] bytes = PolicyBytes.Of(TestPolicies.Box(3, 2));
        long length = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        using var header = System.Text.Json.JsonDocument.Parse(bytes.AsMemory(8, (int)length));
        var weight = header.RootElement.GetProperty("networks.0.output.weight");

        Assert.Multiple(() =>
        {
            Assert.That(weight.GetProperty("dtype").GetString(), Is.EqualTo("F32"));
            Assert.That(weight.Numbers("shape"), Is.EqualTo(new double[] { 2, 16 }));
            Assert.That(header.RootElement.GetProperty("__metadata__").GetProperty("format").GetString(), Is.EqualTo("SafeMarl.Policy"));
            Assert.That(length % 8, Is.Zero);
        });
    }

    [Test]
    public void Save_ToAPath_LeavesNothingBesideIt()
    {
        using var folder = new TemporaryFolder();
        TestPolicies.Box(3, 2).Save(folder["p.safetensors"]);
        TestPolicies.Box(3, 2).Save(folder["p.safetensors"]);

        Assert.That(Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName), Is.EqualTo(new[] { "p.safetensors" }));
    }

    [Test]
    public void Save_ThatFails_KeepsTheOldFile()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["p"], "old");

        Assert.That(() => AtomicFile.Write(folder["p"], stream => { stream.WriteByte(1); throw new IOException("full"); }), Throws.TypeOf<IOException>());
        Assert.Multiple(() =>
        {
            Assert.That(File.ReadAllText(folder["p"]), Is.EqualTo("old"));
            Assert.That(Directory.EnumerateFileSystemEntries(folder.Path).Count(), Is.EqualTo(1));
        });
    }

    [Test]
    public void Load_OfAMissingFile_IsTheSystemsError() => Assert.That(() => Policy.Load("/nowhere/policy"), Throws.InstanceOf<IOException>());

    [Test]
    public void Load_OfACheckpointsState_SaysThatItIsNoPolicy()
    {
        var file = new TensorFile();
        file.SetMetadata("format", "something else");

        Assert.That(() => FromBytes(file.ToBytes()), Throws.TypeOf<CorruptFileException>().With.Message.Contains("not a policy file"));
    }

    [Test]
    public void Load_OfANewerVersion_NamesBothVersions()
    {
        byte[] bytes = PolicyBytes.Rewrite(PolicyBytes.Of(TestPolicies.Box(3, 2)), manifest => manifest.Replace("\"Version\":1", "\"Version\":9", StringComparison.Ordinal));

        Assert.That(() => FromBytes(bytes), Throws.TypeOf<CorruptFileException>().With.Message.Contains('9').And.Message.Contains("up to 1"));
    }

    [TestCase("\"HiddenSize\":16", "\"HiddenSize\":60000")]
    [TestCase("\"HiddenLayers\":2", "\"HiddenLayers\":60")]
    [TestCase("\"Inputs\":3", "\"Inputs\":4")]
    [TestCase("\"Inputs\":3", "\"Inputs\":-1")]
    [TestCase("\"Outputs\":2", "\"Outputs\":1")]
    [TestCase("\"Network\":1", "\"Network\":7")]
    [TestCase("\"Activation\":\"ReLU\"", "\"Activation\":\"Sine\"")]
    [TestCase("\"Low\":[-1,-1]", "\"Low\":[]")]
    [TestCase("\"Low\":[-1,-1]", "\"Low\":null")]
    public void Load_OfAManifestThatDoesNotFit_IsRefused(string from, string to)
    {
        byte[] bytes = PolicyBytes.Rewrite(PolicyBytes.Of(TestPolicies.Box(3, 2)), manifest =>
        {
            Assert.That(manifest, Does.Contain(from));
            return manifest.Replace(from, to, StringComparison.Ordinal);
        });

        Assert.That(() => FromBytes(bytes), Throws.TypeOf<CorruptFileException>());
    }

    /// <summary>
    /// Damaged files: flipped bits, changed bytes, truncations, moved blocks, and damage that is hidden under a new checksum. Each must load
    /// as the same policy or be refused, within bounded memory.
    /// </summary>
    [Test]
    public void Load_OfTenThousandDamagedFiles_RefusesEachOrLoadsTheSame()
    {
        byte[] good = PolicyBytes.Of(TestPolicies.Mixed());
        string hash = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(PolicyBytes.Of(FromBytes(good)))); // also warms up what allocates once
        var random = new RandomStream(1);
        int refused = 0;
        long most = 0;
        for (int i = 0; i < 12_000; i++)
        {
            byte[] bad = Damage(good, i % 6, ref random);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Policy policy = FromBytes(bad);
                Assert.That(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(PolicyBytes.Of(policy))), Is.EqualTo(hash), $"case {i} loaded as something else");
            }
            catch (CorruptFileException)
            {
                refused++;
            }
            most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Multiple(() =>
        {
            Assert.That(refused, Is.GreaterThan(11_000));
            Assert.That(most, Is.LessThan(20L * good.Length), "memory for a damaged file");
        });
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Load_OfHiddenDamage_NeverCrashesAndNeverAllocatesWithoutBound(bool certified)
    {
        byte[] good = PolicyBytes.Of(certified ? CertifiedPolicies.ForSharedBoxes().WithThreshold(-1).WithSafetyCard(TestPolicies.Card) : TestPolicies.Mixed());
        var random = new RandomStream(2);
        long most = 0;
        for (int i = 0; i < 4_000; i++)
        {
            byte[] bad = PolicyBytes.Rewrite(good, manifest => DamageText(manifest, ref random));
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                FromBytes(bad);
            }
            catch (CorruptFileException)
            {
            }
            most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.That(most, Is.LessThan(100L * good.Length));
    }

    private static string DamageText(string text, ref RandomStream random)
    {
        char[] characters = text.ToCharArray();
        for (int k = random.NextInt(3); k >= 0; k--)
            characters[random.NextInt(characters.Length)] = (char)('!' + random.NextInt(90));
        return new string(characters);
    }

    private static byte[] Damage(byte[] good, int kind, ref RandomStream random)
    {
        byte[] bad = [.. good];
        switch (kind)
        {
            case 0:
                bad[random.NextInt(bad.Length)] ^= (byte)(1 << random.NextInt(8));
                return bad;
            case 1:
                for (int k = 0; k < 8; k++)
                    bad[random.NextInt(bad.Length)] = (byte)random.NextInt(256);
                return bad;
            case 2:
                return bad[..random.NextInt(bad.Length)];
            case 3:
                int from = random.NextInt(bad.Length), to = random.NextInt(bad.Length), count = Math.Min(64, bad.Length - Math.Max(from, to));
                bad.AsSpan(from, count).CopyTo(bad.AsSpan(to));
                return bad;
            case 4:
                // The header, where every size is.
                bad[random.NextInt(2000)] = (byte)random.NextInt(256);
                return bad;
            default:
                return [.. bad, .. new byte[1 + random.NextInt(100)]];
        }
    }

    private static Policy FromBytes(byte[] bytes) => Policy.Load(new MemoryStream(bytes));
}
