namespace SafeMarl.ML;

/// <summary>What a threshold was calibrated for.</summary>
public enum AlarmRule
{
    /// <summary>Violations are foreseen, but for a share of the episodes that have any.</summary>
    BoundsMisses,

    /// <summary>Too few episodes had violations to learn from: only a share of safe episodes raise an alarm.</summary>
    BoundsFalseAlarms,
}

/// <summary>The threshold of a safety certificate, below which it predicts a violation, as calibrated on evaluation episodes.</summary>
/// <param name="Cost">Name of the cost.</param>
/// <param name="Threshold">The threshold.</param>
/// <param name="Rule">What it was calibrated for.</param>
/// <param name="Rate">
/// The rate that it bounds: with <see cref="AlarmRule.BoundsMisses"/>, in how many new episodes with violations one comes without an alarm before; with
/// <see cref="AlarmRule.BoundsFalseAlarms"/>, in how many new episodes without violations there is an alarm. On average over calibrations (split conformal
/// prediction), for episodes of the same kind.
/// </param>
/// <param name="LeadSteps">Steps before a violation in which an alarm counts.</param>
/// <param name="Episodes">Episodes that it was calibrated on.</param>
/// <param name="ViolatingEpisodes">Episodes in which a violation began.</param>
/// <param name="ForeseenRate">Share of the beginnings of violations, in those episodes, that had an alarm before; 1 where there were none.</param>
/// <param name="FalseAlarmRate">Share of safe steps, in those episodes, that raised an alarm although no violation followed within the lead.</param>
public sealed record AlarmThreshold(
    string Cost, double Threshold, AlarmRule Rule, double Rate, int LeadSteps, int Episodes, int ViolatingEpisodes, double ForeseenRate, double FalseAlarmRate);
