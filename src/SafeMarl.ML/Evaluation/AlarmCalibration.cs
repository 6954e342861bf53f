namespace SafeMarl.ML.Evaluation;

/// <summary>What a safety certificate said in an episode, and the costs that came, step by step.</summary>
internal sealed record CertifiedEpisode(double[] Certificate, double[] Cost);

/// <summary>
/// Chooses the threshold of an alarm by split conformal prediction: with n exchangeable episodes of scores S, a new one lies at or below the k-th smallest
/// with probability at least k / (n + 1).
/// </summary>
internal static class AlarmCalibration
{
    /// <summary>The threshold for a cost.</summary>
    /// <param name="cost">Name of the cost.</param>
    /// <param name="episodes">Calibration episodes.</param>
    /// <param name="missRate">Bound on the share of violating episodes in which a violation begins without an alarm.</param>
    /// <param name="falseAlarmRate">Bound on the share of safe episodes with an alarm, where the other cannot be had.</param>
    /// <param name="lead">Steps before the beginning of a violation in which an alarm counts.</param>
    public static AlarmThreshold Calibrate(string cost, IReadOnlyList<CertifiedEpisode> episodes, double missRate, double falseAlarmRate, int lead)
    {
        // In a violating episode every beginning has to be foreseen: the one whose lead looks safest decides.
        double[] hardest = [.. episodes.Select(e => Beginnings(e).Select(t => LowestBefore(e, t, lead)).DefaultIfEmpty(double.NaN).Max()).Where(score => !double.IsNaN(score)).Order()];
        int rank = (int)Math.Ceiling((hardest.Length + 1) * (1 - missRate));
        if (rank >= 1 && rank <= hardest.Length)
            return Describe(AlarmRule.BoundsMisses, Math.BitIncrement(hardest[rank - 1]), missRate); // an alarm is below the threshold
        double[] lowest = [.. episodes.Where(e => e.Cost.All(c => c == 0)).Select(e => e.Certificate.Min()).Order()];
        int allowed = (int)Math.Floor((lowest.Length + 1) * falseAlarmRate);
        return Describe(AlarmRule.BoundsFalseAlarms, lowest.Length == 0 ? 0 : allowed >= 1 ? lowest[allowed - 1] : Math.BitDecrement(lowest[0]), falseAlarmRate);

        AlarmThreshold Describe(AlarmRule rule, double threshold, double rate)
        {
            (int Foreseen, int All) begun = (0, 0), safe = (0, 0);
            foreach (CertifiedEpisode episode in episodes)
            {
                int[] beginnings = [.. Beginnings(episode)];
                begun = (begun.Foreseen + beginnings.Count(t => LowestBefore(episode, t, lead) < threshold), begun.All + beginnings.Length);
                int[] quiet = [.. Enumerable.Range(0, episode.Cost.Length).Where(t => IsQuiet(episode, t, lead))];
                safe = (safe.Foreseen + quiet.Count(t => episode.Certificate[t] < threshold), safe.All + quiet.Length);
            }
            return new AlarmThreshold(cost, threshold, rule, rate, lead, episodes.Count, hardest.Length, Share(begun, 1), Share(safe, 0));
        }
    }

    // Steps with a cost after one without.
    private static IEnumerable<int> Beginnings(CertifiedEpisode episode) => Enumerable.Range(1, episode.Cost.Length - 1).Where(t => episode.Cost[t] > 0 && episode.Cost[t - 1] == 0);

    private static double LowestBefore(CertifiedEpisode episode, int step, int lead) => episode.Certificate[Math.Max(0, step - lead)..step].Min();

    // No cost in the step and none within the lead after it.
    private static bool IsQuiet(CertifiedEpisode episode, int step, int lead) => !episode.Cost.AsSpan(step, Math.Min(lead + 1, episode.Cost.Length - step)).ContainsAnyExcept(0);

    private static double Share((int Foreseen, int All) count, double none) => count.All == 0 ? none : (double)count.Foreseen / count.All;
}
