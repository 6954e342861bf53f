using SafeMarl.Environments;
using SafeMarl.ML.Constraints;

namespace SafeMarl.ML.Tests.Constraints;

/// <summary>Steps in a plane, H being the identity, where everything can be worked by hand or searched.</summary>
public sealed class ConstrainedStepTests
{
    private const double Delta = 0.02; // radius 0.2

    [Test]
    public void Solve_WithoutConstraints_GoesToTheBoundaryOfTheTrustRegion()
    {
        ConstrainedStep step = Solve([3, 4], [], []);

        Assert.Multiple(() =>
        {
            Assert.That(step.Case, Is.EqualTo(StepCase.Unconstrained));
            Assert.That(step.Lambda, Is.EqualTo(25).Within(1e-9), "sqrt(25 / 0.04)");
        });
    }

    [Test]
    public void Solve_FarFromTheLimit_DoesNotLookAtTheCost()
    {
        ConstrainedStep step = Solve([3, 4], [[1, 0]], [-1]);

        Assert.That((step.Case, step.Nu[0]), Is.EqualTo((StepCase.Inactive, 0.0)));
        Assert.That(step.Lambda, Is.EqualTo(25).Within(1e-9));
    }

    [Test]
    public void Solve_BeyondReachOfTheLimit_OnlyReducesTheCost()
    {
        // The limit is 1 away and the radius 0.2: x = 0.2 along b, whatever the reward wants.
        ConstrainedStep step = Solve([3, 4], [[2, 0]], [2]);

        Assert.That((step.Case, step.Lambda), Is.EqualTo((StepCase.Recovery, 0.0)));
        Assert.That(Direction(step, [3, 4], [[2, 0]]), Is.EqualTo(new[] { 0.2, 0 }).Within(1e-12));
    }

    [Test]
    public void Solve_WithAGradientThatVanishes_LeavesThatCostOut()
    {
        ConstrainedStep step = Solve([3, 4], [[1e-5, 0], [0, 1]], [5, -1]);

        Assert.That((step.Case, step.Nu[0], step.Nu[1]), Is.EqualTo((StepCase.Inactive, 0.0, 0.0)));
    }

    [Test]
    public void Solve_WithOneCost_GivesTheNumbersOfTheClosedForm([Range(1, 200)] int seed)
    {
        var random = new RandomStream(seed);
        double[] g = [random.NextGaussian(), random.NextGaussian()], b = [random.NextGaussian(), random.NextGaussian()];
        double c = 0.3 * random.NextGaussian(), q = Dot(g, g), r = Dot(g, b), s = Dot(b, b);
        (int kind, double lambda, double nu) = ClosedForm(q, r, s, c);
        ConstrainedStep step = Solve(g, [b], [c]);

        Assert.Multiple(() =>
        {
            Assert.That((int)step.Case, Is.EqualTo(kind));
            Assert.That(step.Lambda, Is.EqualTo(lambda).Within(1e-6 * (1 + lambda)));
            Assert.That(step.Nu[0], Is.EqualTo(nu).Within(1e-6 * (1 + nu)));
        });
    }

    [Test]
    public void Solve_WithTwoCosts_FindsTheBestStepOfTheFeasibleOnes([Range(1, 40)] int seed)
    {
        var random = new RandomStream(seed);
        double[] g = [random.NextGaussian(), random.NextGaussian()];
        double[][] b = [[random.NextGaussian(), random.NextGaussian()], [random.NextGaussian(), random.NextGaussian()]];
        double[] c = [0.15 * random.NextGaussian(), 0.15 * random.NextGaussian()];
        ConstrainedStep step = Solve(g, b, c);
        double[] x = Direction(step, g, b);
        double? best = Search(g, b, c);

        Assert.That(Dot(x, x), Is.LessThanOrEqualTo(2 * Delta * (1 + 1e-9)), "in the trust region");
        if (best is null || step.Case == StepCase.Recovery)
        {
            Assert.That(step.Case == StepCase.Recovery, Is.EqualTo(best is null), "recovery where nothing else is feasible");
            return;
        }
        for (int k = 0; k < 2; k++)
            Assert.That(c[k] - Dot(b[k], x), Is.LessThanOrEqualTo(1e-7), $"constraint {k}");
        Assert.That(Dot(g, x), Is.GreaterThanOrEqualTo(best.Value - 1e-7), "no point of a fine grid is better");
        Assert.That(Dot(g, x), Is.LessThanOrEqualTo(best.Value + 1e-2), "and the best one is near");
    }

    // CPO, appendix 10.2.
    private static (int Case, double Lambda, double Nu) ClosedForm(double q, double r, double s, double c)
    {
        double a = q - r * r / s, b = 2 * Delta - c * c / s;
        if (c < 0 && b < 0)
            return (3, Math.Sqrt(q / (2 * Delta)), 0);
        if (c >= 0 && b < 0)
            return (0, 0, Math.Sqrt(2 * Delta / s));
        (double low, double high) active = c < 0 ? (0, r / c) : (r / c, double.PositiveInfinity), inactive = c < 0 ? (r / c, double.PositiveInfinity) : (0, r / c);
        double lambdaA = Project(Math.Sqrt(a / b), active), lambdaB = Project(Math.Sqrt(q / (2 * Delta)), inactive);
        double fA = -0.5 * (a / (lambdaA + 1e-8) + b * lambdaA) - r * c / s, fB = -0.5 * (q / (lambdaB + 1e-8) + 2 * Delta * lambdaB);
        double lambda = fA >= fB ? lambdaA : lambdaB;
        return (c < 0 ? 2 : 1, lambda, Math.Max(0, lambda * c - r) / s);
    }

    private static double Project(double value, (double Low, double High) range) => Math.Max(range.Low, Math.Min(range.High, value));

    private static double? Search(double[] g, double[][] b, double[] c)
    {
        double radius = Math.Sqrt(2 * Delta);
        double? best = null;
        for (double angle = 0; angle < 2 * Math.PI; angle += 4e-3)
        {
            for (double length = 0; length <= radius; length += radius / 200)
            {
                double[] x = [length * Math.Cos(angle), length * Math.Sin(angle)];
                if (c.Select((value, k) => value - Dot(b[k], x)).All(v => v <= 0))
                    best = Math.Max(best ?? double.NegativeInfinity, Dot(g, x));
            }
        }
        return best;
    }

    private static double[] Direction(ConstrainedStep step, double[] g, double[][] b) => [.. Enumerable.Range(0, 2).Select(i =>
    {
        double costs = step.Nu.Select((nu, k) => nu * b[k][i]).Sum();
        return step.Case == StepCase.Recovery ? costs : (g[i] + costs) / step.Lambda;
    })];

    private static ConstrainedStep Solve(double[] g, double[][] b, double[] c)
    {
        var s = new double[b.Length, b.Length];
        for (int j = 0; j < b.Length; j++)
        {
            for (int k = 0; k < b.Length; k++)
                s[j, k] = Dot(b[j], b[k]);
        }
        return ConstrainedStep.Solve(Dot(g, g), [.. b.Select(row => Dot(g, row))], s, c, [.. b.Select(row => Dot(row, row))], Delta);
    }

    private static double Dot(double[] a, double[] b) => a[0] * b[0] + a[1] * b[1];
}
