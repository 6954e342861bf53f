using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>Options of RiskQ (risk-sensitive value factorisation), whose agents take the actions of the least risk; it knows rewards only, and costs are reported, not constrained.</summary>
public sealed class RiskqOptions : AttentionOptions
{
    /// <summary>What a return is worth.</summary>
    public RiskMeasure Risk { get; set; } = RiskMeasure.Wang; // RiskQ

    /// <summary>The risk measure's level.</summary>
    [Range(-10.0, 10.0)]
    public double RiskLevel { get; set; } = 0.75; // RiskQ

    /// <inheritdoc/>
    public override IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (ValidationResult result in base.Validate(validationContext))
            yield return result;
        double level = Math.Abs(RiskLevel);
        (bool possible, string range) = Risk switch
        {
            RiskMeasure.ConditionalValueAtRisk => (level is > 0 and <= 1, "above 0, at most 1"),
            RiskMeasure.CumulativeProbabilityWeighting => (level is >= 0.3 and <= 1, "0.3 to 1"), // below, quantiles would weigh less than nothing
            _ => (true, ""),
        };
        if (!possible)
            yield return new ValidationResult($"it is {RiskLevel}; with Risk = {Risk} it must be {range}, or the same with a minus", [nameof(RiskLevel)]);
    }
}
