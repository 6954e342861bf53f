using MathNet.Numerics;

namespace SafeMarl.ML;

/// <summary>
/// How often something can go wrong at most, given how often it did in independent trials: bounds that hold but with a chosen probability beta, the
/// complement of a confidence.
/// </summary>
public static class ScenarioBounds
{
    private const double Negligible = 1e-18;

    /// <summary>
    /// The exact binomial tail: the smallest rate for which at most <paramref name="violations"/> in <paramref name="trials"/> have probability at most
    /// <paramref name="beta"/>. The true rate of a fixed policy lies below it but with that probability (one-sided Clopper-Pearson,
    /// <c>BetaInv(1 - beta; k + 1, N - k)</c>).
    /// </summary>
    /// <param name="violations">Trials that went wrong, k, from 0 to <paramref name="trials"/>; all of them: the bound is 1.</param>
    /// <param name="trials">Fresh, independent trials, N, at least 1.</param>
    /// <param name="beta">Probability that the bound fails, between 0 and 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range, which the message states.</exception>
    public static double BinomialTail(int violations, int trials, double beta)
    {
        Check(violations, trials, beta);
        return violations == trials ? 1
            : violations == 0 ? -double.ExpM1(Math.Log(beta) / trials) // 1 - beta^(1/N)
            : SmallestRate(violations, trials, Math.Log(beta));
    }

    /// <summary>
    /// Theorem 5.2 of DBF (scenario optimisation with discarded constraints): the smallest eps with
    /// <c>C(k + m - 1, k) P(Bin(N, eps) &lt;= k + m - 1) &lt;= beta</c>. With m = 1 it is <see cref="BinomialTail"/>. It is stated for convex programs, which the training of
    /// networks is not.
    /// </summary>
    /// <param name="violations">Trials that went wrong, k, from 0 to <paramref name="trials"/>.</param>
    /// <param name="trials">Trials, N, at least 1.</param>
    /// <param name="parameters">Decision variables, m, at least 1: of a policy, all its weights.</param>
    /// <param name="beta">Probability that the bound fails, between 0 and 1.</param>
    /// <returns>The bound; null where there is none: from k + m - 1 = N on the probability is 1 for every eps, and the theorem says nothing.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range, which the message states.</exception>
    public static double? Theorem52(int violations, int trials, long parameters, double beta)
    {
        Check(violations, trials, beta);
        ArgumentOutOfRangeException.ThrowIfLessThan(parameters, 1);
        if (parameters > trials - violations)
            return null;
        int most = violations + (int)parameters - 1;
        return SmallestRate(most, trials, Math.Log(beta) - SpecialFunctions.BinomialLn(most, violations));
    }

    /// <summary>
    /// The explicit, looser form of <see cref="Theorem52"/> (Campi and Garatti): the smallest eps with
    /// <c>k &lt;= eps N - m + 1 - sqrt(2 eps N ln((eps N)^(m-1) / beta))</c>.
    /// </summary>
    /// <param name="violations">Trials that went wrong, k, from 0 to <paramref name="trials"/>.</param>
    /// <param name="trials">Trials, N, at least 1.</param>
    /// <param name="parameters">Decision variables, m, at least 1.</param>
    /// <param name="beta">Probability that the bound fails, between 0 and 1.</param>
    /// <returns>The bound; null where no eps up to 1 satisfies it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range, which the message states.</exception>
    public static double? ExplicitTheorem52(int violations, int trials, long parameters, double beta)
    {
        Check(violations, trials, beta);
        ArgumentOutOfRangeException.ThrowIfLessThan(parameters, 1);
        // The right side is convex in eps N and too small at k + m - 1, so that from there it is reached once.
        return Holds(trials) ? Bisect(violations + parameters - 1, trials, Holds) / trials : null;

        bool Holds(double expected) => violations <= expected - (parameters - 1) - Math.Sqrt(2 * expected * ((parameters - 1) * Math.Log(expected) - Math.Log(beta)));
    }

    /// <summary>
    /// The threshold that data choose: the (k + 1)-th largest value. A fresh value exceeds it with a probability below <see cref="BinomialTail"/> of k, provided that k was
    /// fixed before the values were seen (a scenario program with one variable).
    /// </summary>
    /// <param name="values">Independent values, at least one.</param>
    /// <param name="exceedances">Values that may lie above it, k, from 0 to one less than there are.</param>
    /// <exception cref="ArgumentException">There are no values, or one is not a number.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="exceedances"/> is outside its range.</exception>
    public static double ChosenThreshold(IReadOnlyList<double> values, int exceedances)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == 0 || values.Any(double.IsNaN))
            throw new ArgumentException(values.Count == 0 ? "There are no values." : "A value is not a number.", nameof(values));
        if (exceedances < 0 || exceedances >= values.Count)
            throw new ArgumentOutOfRangeException(nameof(exceedances), exceedances, $"Of {values.Count:N0} values, from 0 to {values.Count - 1:N0} may lie above a threshold.");
        return values.OrderDescending().ElementAt(exceedances);
    }

    private static double SmallestRate(int most, int trials, double logBound) => Bisect(0, 1, rate => LogBinomialCdf(most, trials, rate) <= logBound);

    // The smallest number in an interval at which something holds that fails at its beginning and, once it holds, goes on to its end.
    private static double Bisect(double low, double high, Predicate<double> holds)
    {
        while (true)
        {
            double middle = low + (high - low) / 2;
            if (middle <= low || middle >= high)
                return high;
            if (holds(middle))
                high = middle;
            else
                low = middle;
        }
    }

    // ln P(Bin(trials, rate) <= most), for 0 < rate < 1: the largest term, and the others relative to it, so that nothing underflows.
    private static double LogBinomialCdf(int most, int trials, double rate)
    {
        int peak = (int)Math.Min(most, Math.Floor((trials + 1.0) * rate));
        double odds = rate / (1 - rate), sum = 1, term = 1;
        for (int i = peak; i > 0 && term > sum * Negligible; i--)
            sum += term *= i / ((trials - i + 1) * odds);
        term = 1;
        for (int i = peak; i < most && term > sum * Negligible; i++)
            sum += term *= (trials - i) * odds / (i + 1);
        return SpecialFunctions.BinomialLn(trials, peak) + peak * Math.Log(rate) + (trials - peak) * double.LogP1(-rate) + Math.Log(sum);
    }

    private static void Check(int violations, int trials, double beta)
    {
        if (trials < 1)
            throw new ArgumentOutOfRangeException(nameof(trials), trials, "There must be at least 1 trial.");
        if (violations < 0 || violations > trials)
            throw new ArgumentOutOfRangeException(nameof(violations), violations, $"Of {trials:N0} trials, from 0 to {trials:N0} can go wrong.");
        if (!(beta > 0 && beta < 1))
            throw new ArgumentOutOfRangeException(nameof(beta), beta, "The probability that a bound fails lies between 0 and 1, such as 0.05.");
    }
}
