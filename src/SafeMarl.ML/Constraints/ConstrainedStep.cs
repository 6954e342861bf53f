namespace SafeMarl.ML.Constraints;

/// <summary>
/// The step of constrained policy optimisation (Achiam et al. 2017, appendix 10.2) for any number of constraints: minimise <c>-g.x</c> subject to
/// <c>c_k - b_k.x &lt;= 0</c> and <c>x.H x / 2 &lt;= delta</c>. Its solution is <c>x = H^-1 (g + sum_k nu_k b_k) / lambda</c>, or <c>H^-1 sum_k nu_k b_k</c> in recovery;
/// the parameters move by -x.
/// </summary>
/// <param name="Case">What the constraints allow.</param>
/// <param name="Lambda">Multiplier of the trust region; 0 in recovery.</param>
/// <param name="Nu">Multiplier of each constraint.</param>
internal sealed record ConstrainedStep(StepCase Case, double Lambda, double[] Nu)
{
    private const double Negligible = 1e-8; // MACPO: a cost gradient whose squared norm is no larger does not count
    private const int Halvings = 100, Sweeps = 10_000;

    /// <summary>Solves the dual, which is concave: the multipliers of the constraints for a given lambda by coordinate ascent, lambda by halving an interval.</summary>
    /// <param name="q">g.H^-1 g</param>
    /// <param name="r">g.H^-1 b_k</param>
    /// <param name="s">b_j.H^-1 b_k</param>
    /// <param name="c">How far each constraint is exceeded; negative: how much room there is.</param>
    /// <param name="squaredNorms">b_k.b_k</param>
    /// <param name="delta">Radius of the trust region.</param>
    public static ConstrainedStep Solve(double q, double[] r, double[,] s, double[] c, double[] squaredNorms, double delta)
    {
        int[] relevant = [.. Enumerable.Range(0, c.Length).Where(k => squaredNorms[k] > Negligible && s[k, k] > 0)];
        var nu = new double[c.Length];
        if (relevant.Length == 0)
            return new ConstrainedStep(StepCase.Unconstrained, Math.Sqrt(q / (2 * delta)), nu);

        // The shortest step that satisfies the constraints: half its squared length is how large delta must be.
        Ascend(nu, relevant, s, k => c[k]);
        double reach = Square(nu, s);
        if (reach > 2 * delta)
            return new ConstrainedStep(StepCase.Recovery, 0, [.. nu.Select(n => n * Math.Sqrt(2 * delta / reach))]);

        StepCase kind = relevant.Any(k => c[k] >= 0) ? StepCase.Violated
            : relevant.Any(k => c[k] * c[k] <= 2 * delta * s[k, k]) ? StepCase.Reachable : StepCase.Inactive;
        double lambda = Root(lambda =>
        {
            Ascend(nu, relevant, s, k => lambda * c[k] - r[k]);
            return q + 2 * nu.Zip(r, (n, x) => n * x).Sum() + Square(nu, s) - 2 * delta * lambda * lambda;
        });
        return new ConstrainedStep(kind, lambda, nu);
    }

    // nu >= 0 that maximises target.nu - nu.S nu / 2.
    private static void Ascend(double[] nu, int[] relevant, double[,] s, Func<int, double> target)
    {
        for (int sweep = 0; sweep < Sweeps; sweep++)
        {
            double change = 0, size = 0;
            foreach (int k in relevant)
            {
                double gradient = target(k) - relevant.Sum(j => s[k, j] * nu[j]), next = Math.Max(0, nu[k] + gradient / s[k, k]);
                change = Math.Max(change, Math.Abs(next - nu[k]));
                size = Math.Max(size, next);
                nu[k] = next;
            }
            if (change <= 1e-15 * size)
                return;
        }
    }

    private static double Square(double[] nu, double[,] s)
    {
        double sum = 0;
        for (int j = 0; j < nu.Length; j++)
        {
            for (int k = 0; k < nu.Length; k++)
                sum += nu[j] * s[j, k] * nu[k];
        }
        return sum;
    }

    // Where the derivative of the dual to lambda, which falls, changes its sign.
    private static double Root(Func<double, double> slope)
    {
        double low = 1e-8, high = 1;
        while (slope(high) > 0 && high < 1e12)
            (low, high) = (high, high * 4);
        for (int i = 0; i < Halvings && high / low > 1 + 1e-15; i++)
        {
            double middle = Math.Sqrt(low * high);
            if (slope(middle) > 0)
                low = middle;
            else
                high = middle;
        }
        slope(high);
        return high;
    }
}
