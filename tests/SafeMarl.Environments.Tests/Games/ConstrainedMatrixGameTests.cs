using SafeMarl.Environments.Games;

namespace SafeMarl.Environments.Tests.Games;

public sealed class ConstrainedMatrixGameTests : EnvironmentContractTests
{
    protected override IMultiAgentEnvironment Create() => new ConstrainedMatrixGame();

    [Test]
    public void Solve_WithoutLimits_PicksTheBestPair()
    {
        ConstrainedOptimum best = new ConstrainedMatrixGame().Solve();

        Assert.Multiple(() =>
        {
            Assert.That(best.Return, Is.EqualTo(6));
            Assert.That(best.Costs, Is.EqualTo(new[] { 1.0, 1 }));
        });
    }

    [Test]
    public void Solve_WithLimits_MixesTheTwoCheaperAlternatives()
    {
        // With limit 0.4 each agent plays alternative 1 with probability 0.8: 0.04 * 1 + 2 * 0.16 * 1.5 + 0.64 * 3 = 2.44.
        ConstrainedOptimum best = new ConstrainedMatrixGame().Solve(0.4, 0.4);

        Assert.Multiple(() =>
        {
            Assert.That(best.Return, Is.EqualTo(2.44).Within(1e-12));
            Assert.That(best.Costs, Is.EqualTo(new[] { 0.4, 0.4 }).Within(1e-12));
        });
    }

    [Test]
    public void Solve_AgainstAFineGridOfPolicies_IsNeverBeaten()
    {
        var game = new ConstrainedMatrixGame(new[,] { { 2.0, -1, 0 }, { 0.5, 3, 4 } }, [0.2, 1], [0, 0.7, 0.3]);
        const double firstLimit = 0.6, secondLimit = 0.35;
        ConstrainedOptimum best = game.Solve(firstLimit, secondLimit);
        double grid = double.NegativeInfinity;
        for (int i = 0; i <= 50; i++)
        {
            for (int j = 0; j <= 50; j++)
            {
                for (int k = 0; j + k <= 50; k++)
                {
                    double x = i / 50.0, y1 = j / 50.0, y2 = k / 50.0, y0 = 1 - y1 - y2;
                    if ((0.2 * (1 - x)) + x > firstLimit + 1e-12 || (0.7 * y1) + (0.3 * y2) > secondLimit + 1e-12)
                        continue;
                    grid = Math.Max(grid, ((1 - x) * ((2 * y0) - y1)) + (x * ((0.5 * y0) + (3 * y1) + (4 * y2))));
                }
            }
        }

        Assert.That(best.Return, Is.InRange(grid - 1e-9, grid + 0.1));
    }

    [Test]
    public void Solve_WithALimitThatNothingMeets_IsRefused() =>
        Assert.That(() => new ConstrainedMatrixGame(new double[2, 2], [1, 2], [0, 0]).Solve(0.5), Throws.ArgumentException);
}
