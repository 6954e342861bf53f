namespace SafeMarl.Environments.SafeMujoco;

/// <summary>The published tasks' scaling of an observation by its own statistics.</summary>
internal static class ObservationStandardization
{
    /// <summary>Writes <c>(v - mean(v)) / std(v)</c> with the population standard deviation of v's own entries, computed in double.</summary>
    public static void Apply(ReadOnlySpan<double> values, Span<float> destination)
    {
        double mean = 0, variance = 0;
        foreach (double value in values)
            mean += value;
        mean /= values.Length;
        foreach (double value in values)
            variance += (value - mean) * (value - mean);
        double scale = 1 / Math.Sqrt(variance / values.Length);
        for (int i = 0; i < values.Length; i++)
            destination[i] = (float)((values[i] - mean) * scale);
    }
}
