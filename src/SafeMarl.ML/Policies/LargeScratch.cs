using System.Buffers;

namespace SafeMarl.ML.Policies;

/// <summary>Scratch memory that is too large for the stack, rented while it is needed; small scratch stays on the stack.</summary>
internal readonly ref struct LargeScratch
{
    // 64 KB: far below the smallest usual stack, far above the networks of this field.
    private const int MaxOnStack = 16 * 1024;

    private readonly float[]? _rented;
    private readonly int _length;

    /// <param name="length">Numbers needed.</param>
    public LargeScratch(int length) => (_rented, _length) = (length > MaxOnStack ? ArrayPool<float>.Shared.Rent(length) : null, length);

    /// <summary>Whether the stack will not do.</summary>
    public bool IsNeeded => _rented is not null;

    /// <summary>The memory; only where <see cref="IsNeeded"/>.</summary>
    public Span<float> Span => _rented.AsSpan(0, _length);

    public void Dispose()
    {
        if (_rented is not null)
            ArrayPool<float>.Shared.Return(_rented);
    }
}

/// <summary>Scratch memory that is handed out bit by bit.</summary>
internal static class ScratchSpans
{
    /// <summary>Takes the first numbers off.</summary>
    public static Span<float> Take(this ref Span<float> scratch, int count)
    {
        Span<float> taken = scratch[..count];
        scratch = scratch[count..];
        return taken;
    }
}
