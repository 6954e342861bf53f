using System.Security.Cryptography;

namespace SafeMarl.ML.Tests.Support;

internal static class PolicyHash
{
    /// <summary>A hash of every bit of a policy.</summary>
    public static string Of(Policy policy)
    {
        using var memory = new MemoryStream();
        policy.Save(memory);
        return Convert.ToHexString(SHA256.HashData(memory.ToArray()));
    }
}
