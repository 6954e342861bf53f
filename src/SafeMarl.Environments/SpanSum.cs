namespace SafeMarl.Environments;

/// <summary>Sums that give the same bits on every machine: term after term.</summary>
internal static class SpanSum
{
    /// <summary>The sum of all values.</summary>
    public static double Of(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values)
            sum += value;
        return sum;
    }

    /// <summary>The sum of the squares of all values.</summary>
    public static double OfSquares(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values)
            sum += value * value;
        return sum;
    }
}
