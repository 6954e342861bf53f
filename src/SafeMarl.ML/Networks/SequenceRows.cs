namespace SafeMarl.ML.Networks;

/// <summary>
/// Where the rows of sequences of different lengths lie: those of a step one after the other, and step after step, so that what comes after a sequence's end takes neither
/// memory nor time. Longer sequences come first; where they do not, a step has every row up to the last one that is still there.
/// </summary>
internal sealed class SequenceRows
{
    private readonly int[] _offsets; // of every step, and the end

    /// <param name="counts">Rows at each step, never more than at the step before.</param>
    public SequenceRows(IReadOnlyList<int> counts)
    {
        _offsets = new int[counts.Count + 1];
        for (int t = 0; t < counts.Count; t++)
            _offsets[t + 1] = _offsets[t] + counts[t];
        while (2 * counts.Sum(count => Math.Min(count, Middle)) < Total)
            Middle++;
    }

    /// <summary>Sequences that all have the same length.</summary>
    public static SequenceRows Full(int steps, int rows) => new([.. Enumerable.Repeat(rows, steps)]);

    /// <summary>T.</summary>
    public int Steps => _offsets.Length - 1;

    /// <summary>N: sequences, which are the rows of the first step.</summary>
    public int Sequences => Count(0);

    /// <summary>M: rows of all steps.</summary>
    public int Total => _offsets[^1];

    /// <summary>So many sequences have half of all rows, or a little more.</summary>
    public int Middle { get; }

    /// <summary>Rows of a step.</summary>
    public int Count(int step) => _offsets[step + 1] - _offsets[step];

    /// <summary>Number of a step's first row.</summary>
    public int Offset(int step) => _offsets[step];
}
