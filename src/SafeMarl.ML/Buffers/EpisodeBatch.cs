namespace SafeMarl.ML.Buffers;

/// <summary>Episodes of different lengths side by side; what comes after the end of a shorter one is 0.</summary>
/// <param name="layout">Where everything lies in a record.</param>
/// <param name="lengths">Steps of each episode.</param>
/// <param name="terminated">Whether the task ended with it, so that nothing follows.</param>
internal sealed class EpisodeBatch(TransitionLayout layout, int[] lengths, bool[] terminated)
{
    public TransitionLayout Layout { get; } = layout;

    /// <summary>B.</summary>
    public int Size => Lengths.Length;

    /// <summary>T: steps of the longest episode.</summary>
    public int Steps { get; } = lengths.Max();

    /// <summary>Steps of each episode <c>[B]</c>.</summary>
    public int[] Lengths { get; } = lengths;

    /// <summary>Whether nothing follows each episode <c>[B]</c>.</summary>
    public bool[] Terminated { get; } = terminated;

    /// <summary>Steps, and after an episode's last one its last view <c>[T + 1, B, record]</c>.</summary>
    public float[] Records { get; } = new float[(lengths.Max() + 1) * lengths.Length * layout.Size];

    /// <summary>A record.</summary>
    public Span<float> Record(int step, int episode) => Records.AsSpan((step * Size + episode) * Layout.Size, Layout.Size);
}

/// <summary>What an update learns from.</summary>
/// <param name="Sampled">Episodes from all that are kept.</param>
/// <param name="Newest">The newest ones, which the present policy might have played; null: they are not needed.</param>
/// <param name="Update">Which update of the run, from 0; random choices of an update are drawn from (seed, update).</param>
/// <param name="Steps">Environment steps so far, for errors.</param>
internal sealed record EpisodeDraw(EpisodeBatch Sampled, EpisodeBatch? Newest, long Update, long Steps);
