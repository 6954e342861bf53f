using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace SafeMarl.Environments.Tests;

/// <summary>Plays a vector environment with random actions and hashes every bit that it reports.</summary>
internal static class VectorTrace
{
    public static string Play(VectorEnvironment vector, long seed, int steps)
    {
        vector.Reset(seed);
        return Continue(vector, seed, steps);
    }

    public static string Continue(VectorEnvironment vector, long seed, int steps)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var actions = new float[vector.Count * vector.Spec.Layout.ActionSize];
        for (int step = 0; step < steps; step++)
        {
            SampleActions(vector, RandomStream.Derive(seed, step), actions);
            vector.Step(actions);
            hash.AppendData(MemoryMarshal.AsBytes(vector.Current.Observations));
            hash.AppendData(MemoryMarshal.AsBytes(vector.Current.States));
            hash.AppendData(MemoryMarshal.AsBytes(vector.Current.Rewards));
            hash.AppendData(MemoryMarshal.AsBytes(vector.Current.Costs));
            hash.AppendData(MemoryMarshal.AsBytes(vector.Statuses));
        }
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    public static void SampleActions(VectorEnvironment vector, long seed, Span<float> actions)
    {
        int size = vector.Spec.Layout.ActionSize;
        for (int e = 0; e < vector.Count; e++)
        {
            var random = new RandomStream(RandomStream.Derive(seed, e));
            RandomActions.Sample(vector.Spec, vector.Current[e], ref random, actions.Slice(e * size, size));
        }
    }
}
