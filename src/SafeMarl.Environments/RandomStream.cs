using System.Numerics;

namespace SafeMarl.Environments;

/// <summary>
/// A reproducible stream of random numbers (xoshiro256++, seeded by SplitMix64) whose state can be saved. The same seed gives the same
/// numbers on every machine and .NET version, which <see cref="Random"/> does not promise.
/// </summary>
public struct RandomStream
{
    private ulong _s0, _s1, _s2, _s3;

    /// <summary>Starts a stream.</summary>
    public RandomStream(long seed)
    {
        ulong x = unchecked((ulong)seed);
        (_s0, _s1, _s2, _s3) = (SplitMix(ref x), SplitMix(ref x), SplitMix(ref x), SplitMix(ref x));
    }

    /// <summary>A seed that depends on every one of the numbers: one stream for each (seed, environment, episode, ...).</summary>
    public static long Derive(long seed, params ReadOnlySpan<long> path)
    {
        ulong x = unchecked((ulong)seed);
        ulong result = SplitMix(ref x);
        foreach (long part in path)
        {
            x = result ^ unchecked((ulong)part * 0xD1342543DE82EF95UL);
            result = SplitMix(ref x);
        }
        return unchecked((long)result);
    }

    /// <summary>64 random bits.</summary>
    public ulong NextBits()
    {
        ulong result = BitOperations.RotateLeft(_s0 + _s3, 23) + _s0;
        ulong t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [low, high).</summary>
    public double NextUniform(double low, double high) => low + (high - low) * NextDouble();

    /// <summary>Uniform in 0..count-1.</summary>
    public int NextInt(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return (int)Math.BigMul(NextBits(), (ulong)count, out _);
    }

    /// <summary>Normal with mean 0 and variance 1 (Box-Muller, one number per call so that the stream has no hidden state).</summary>
    public double NextGaussian()
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        return radius * Math.Cos(2 * Math.PI * NextDouble());
    }

    /// <summary>A random order of 0..n-1 (Fisher-Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>Writes the state of the stream.</summary>
    public readonly void Save(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(_s0);
        writer.Write(_s1);
        writer.Write(_s2);
        writer.Write(_s3);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public static RandomStream Load(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return new RandomStream { _s0 = reader.ReadUInt64(), _s1 = reader.ReadUInt64(), _s2 = reader.ReadUInt64(), _s3 = reader.ReadUInt64() };
    }

    private static ulong SplitMix(ref ulong x)
    {
        ulong z = x += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
