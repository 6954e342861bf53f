using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SafeMarl.ML.Policies;

/// <summary>
/// Decoded policies by the text that they were decoded from. The lookup tables of a model hand out the same text every time, so all cursors
/// and prediction engines of a model share one decoded policy, which lives as long as the model's text does.
/// </summary>
internal static class PolicyCache
{
    private static readonly ConditionalWeakTable<string, ConcurrentDictionary<int, Policy>> Decoded = [];

    /// <summary>The policy that a text encodes.</summary>
    /// <exception cref="CorruptFileException">The text is damaged.</exception>
    public static Policy Get(ReadOnlyMemory<char> text)
    {
        if (!MemoryMarshal.TryGetString(text, out string? owner, out int start, out _))
            return Decode(text);
        return Decoded.GetValue(owner, static _ => new()).GetOrAdd(start, static (_, t) => Decode(t), text);
    }

    private static Policy Decode(ReadOnlyMemory<char> text)
    {
        var bytes = new byte[text.Length / 4 * 3 + 3];
        return Convert.TryFromBase64Chars(text.Span, bytes, out int length)
            ? Policy.FromBytes(bytes.AsMemory(0, length), "model")
            : throw new CorruptFileException("The policy in the model cannot be used: its parameters are not base64 text.");
    }
}
