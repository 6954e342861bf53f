namespace SafeMarl.Environments.Tests;

public sealed class RandomStreamTests
{
    [Test]
    public void Stream_OfSeedZero_GivesTheNumbersOfXoshiro256PlusPlus()
    {
        // SplitMix64 from 0 gives E220A8397B1DCDAF, 6E789E6AA1B965F4, 06C45D188009454F, F88BB8A8724C81EC;
        // the first output is rotl(s0 + s3, 23) + s0, worked by hand.
        var random = new RandomStream(0);
        ulong s0 = 0xE220A8397B1DCDAF, s3 = 0xF88BB8A8724C81EC;

        Assert.That(random.NextBits(), Is.EqualTo(unchecked(ulong.RotateLeft(s0 + s3, 23) + s0)));
    }

    [Test]
    public void Stream_Restored_Continues()
    {
        var random = new RandomStream(5);
        random.NextGaussian();
        using var memory = new MemoryStream();
        random.Save(new BinaryWriter(memory));
        memory.Position = 0;
        RandomStream restored = RandomStream.Load(new BinaryReader(memory));

        Assert.That(restored.NextBits(), Is.EqualTo(random.NextBits()));
    }

    [Test]
    public void NextGaussian_OfManyDraws_HasTheMomentsOfTheStandardNormal()
    {
        var random = new RandomStream(11);
        const int n = 200_000;
        double sum = 0, squares = 0, fourth = 0;
        for (int i = 0; i < n; i++)
        {
            double x = random.NextGaussian();
            sum += x;
            squares += x * x;
            fourth += x * x * x * x;
        }

        Assert.Multiple(() =>
        {
            Assert.That(sum / n, Is.EqualTo(0).Within(0.01));
            Assert.That(squares / n, Is.EqualTo(1).Within(0.02));
            Assert.That(fourth / n, Is.EqualTo(3).Within(0.1));
        });
    }

    [Test]
    public void NextInt_OfManyDraws_IsUniform()
    {
        var random = new RandomStream(3);
        var counts = new int[7];
        for (int i = 0; i < 70_000; i++)
            counts[random.NextInt(7)]++;

        Assert.That(counts, Is.All.InRange(9_500, 10_500));
    }

    [Test]
    public void Shuffle_KeepsEveryItem()
    {
        var random = new RandomStream(3);
        int[] items = [.. Enumerable.Range(0, 100)];
        random.Shuffle<int>(items);

        Assert.Multiple(() =>
        {
            Assert.That(items, Is.EquivalentTo(Enumerable.Range(0, 100)));
            Assert.That(items, Is.Not.Ordered);
        });
    }

    [Test]
    public void Derive_OfDifferentPaths_GivesDifferentSeeds()
    {
        var seeds = from a in Enumerable.Range(0, 30) from b in Enumerable.Range(0, 30) select RandomStream.Derive(7, a, b);

        Assert.That(seeds.Append(RandomStream.Derive(7, 1)).Append(RandomStream.Derive(8, 1, 1)).Distinct().Count(), Is.EqualTo(902));
    }
}
