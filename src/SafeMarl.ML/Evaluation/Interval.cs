namespace SafeMarl.ML;

/// <summary>An interval that holds the true value with the stated confidence.</summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public readonly record struct Interval(double Low, double High)
{
    /// <inheritdoc/>
    public override string ToString() => $"[{Low:0.###}, {High:0.###}]";
}
