using System.Text.Json.Serialization;

namespace SafeMarl.ML;

/// <summary>The certificate whose limit the episodes chose themselves.</summary>
/// <param name="Exceedances">Episodes that were allowed to lie above it, fixed before they were played.</param>
/// <param name="Losses">The limit: the most losses of an episode beside those.</param>
/// <param name="Epsilon">With the card's confidence, at most this share of such episodes has more.</param>
public sealed record ChosenLimit(int Exceedances, double Losses, double Epsilon);

/// <summary>What DBF's Theorem 5.2 would say, for comparison: it counts every weight of the policy as a variable that training chose by looking at the episodes.</summary>
/// <param name="Parameters">Weights of the policy, m.</param>
/// <param name="Epsilon">Its bound; null where it is vacuous.</param>
public sealed record TheoremComparison(long Parameters, double? Epsilon)
{
    /// <summary>Whether it says nothing: no share below 1 satisfies it.</summary>
    [JsonIgnore]
    public bool IsVacuous => Epsilon is not < 1;
}

/// <summary>
/// What a verification found out about a policy's safety. It travels in the policy's files, and is about this policy on this task, with episodes of the same kind.
/// </summary>
public sealed record SafetyCard
{
    /// <summary>Name of the task.</summary>
    public required string Task { get; init; }

    /// <summary>The cost that was counted; null: lost agents.</summary>
    public required string? Cost { get; init; }

    /// <summary>Seed of the verification's episodes; that of training is in <see cref="PolicyOrigin"/>.</summary>
    public required long Seed { get; init; }

    /// <summary>Whether agents took their likeliest actions; else they drew them.</summary>
    public required bool Deterministic { get; init; }

    /// <summary>Fresh episodes that were played, N.</summary>
    public required int Episodes { get; init; }

    /// <summary>How many of them differed in anything that was seen or done. Where a task is hardly random, many episodes are one episode played often.</summary>
    public required int DistinctEpisodes { get; init; }

    /// <summary>The limit: losses above which an episode is unsafe.</summary>
    public required double MaxLosses { get; init; }

    /// <summary>Episodes above the limit, k.</summary>
    public required int UnsafeEpisodes { get; init; }

    /// <summary>Mean losses of an episode.</summary>
    public required double MeanLosses { get; init; }

    /// <summary>Confidence of each certificate by itself, or of all candidates' together.</summary>
    public required double Confidence { get; init; }

    /// <summary>Policies or limits that were verified to pick one; each certificate fails with a probability of at most <c>(1 - Confidence) / Candidates</c>.</summary>
    public required int Candidates { get; init; }

    /// <summary>With that confidence, at most this share of such episodes is unsafe: the exact binomial tail (one-sided Clopper-Pearson).</summary>
    public required double Epsilon { get; init; }

    /// <summary>The same for a limit that the episodes chose.</summary>
    public required ChosenLimit ChosenLimit { get; init; }

    /// <summary>The paper's bound for the same episodes.</summary>
    public required TheoremComparison Theorem { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Date { get; init; }

    /// <summary>The library's version.</summary>
    public required string LibraryVersion { get; init; }

    /// <summary>What was counted, in words.</summary>
    [JsonIgnore]
    public string Counted => Cost is null ? "agents lost" : $"cost '{Cost}'";

    /// <summary>The certificate for the limit, in a sentence.</summary>
    [JsonIgnore]
    public string Statement => Epsilon < 1
        ? $"With {Confidence:0.##########%} confidence, at most {Percent(Epsilon)} of such episodes have {Counted} above {MaxLosses}."
        : $"All {Episodes:N0} episodes had {Counted} above {MaxLosses}: there is no bound below 100%.";

    /// <summary>The certificate for the limit that the episodes chose, in a sentence.</summary>
    [JsonIgnore]
    public string ChosenStatement =>
        $"With {Confidence:0.##########%} confidence, at most {Percent(ChosenLimit.Epsilon)} of such episodes have {Counted} above {Up(ChosenLimit.Losses)}: the limit that the episodes chose, {(ChosenLimit.Exceedances == 0 ? "none" : $"at most {ChosenLimit.Exceedances:N0}")} of them above it.";

    /// <summary>What the paper's theorem says, in a sentence.</summary>
    [JsonIgnore]
    public string TheoremStatement => !Theorem.IsVacuous
        ? $"Theorem 5.2 of DBF, over the policy's {Theorem.Parameters:N0} parameters: {Percent(Theorem.Epsilon!.Value)}."
        : Theorem.Parameters > Episodes - UnsafeEpisodes
            ? $"Theorem 5.2 of DBF is vacuous here: k + m - 1 = {UnsafeEpisodes + Theorem.Parameters - 1:N0} (k unsafe episodes, m = {Theorem.Parameters:N0} parameters) is not below N = {Episodes:N0} episodes, so that no epsilon below 1 satisfies it."
            : $"Theorem 5.2 of DBF is vacuous here: with m = {Theorem.Parameters:N0} parameters and N = {Episodes:N0} episodes its epsilon is 1 to all digits.";

    /// <summary>A line for people.</summary>
    public override string ToString() => $"{Task}: {UnsafeEpisodes} of {Episodes} episodes with {Counted} above {MaxLosses}. {Statement}";

    // Bounds are rounded up: what is printed holds as well.
    private static string Percent(double share) => $"{Up(share):0.####%}";

    private static double Up(double value) => Math.Ceiling(value * 1e6) / 1e6;

    /// <summary>Checks what a file says.</summary>
    /// <exception cref="FormatException">It is impossible.</exception>
    internal void ThrowIfImpossible()
    {
        bool possible = Episodes >= 1 && DistinctEpisodes >= 1 && DistinctEpisodes <= Episodes && IsAmount(MaxLosses) && UnsafeEpisodes >= 0 && UnsafeEpisodes <= Episodes && IsAmount(MeanLosses)
            && Confidence is > 0 and < 1 && Candidates >= 1 && Epsilon is >= 0 and <= 1
            && ChosenLimit is { Exceedances: >= 0, Epsilon: >= 0 and <= 1 } && ChosenLimit.Exceedances < Episodes && IsAmount(ChosenLimit.Losses)
            && Theorem is { Parameters: >= 1, Epsilon: null or (>= 0 and <= 1) };
        if (!possible)
            throw new FormatException("the safety card in its manifest is impossible");

        static bool IsAmount(double losses) => losses is >= 0 and < double.PositiveInfinity;
    }
}
