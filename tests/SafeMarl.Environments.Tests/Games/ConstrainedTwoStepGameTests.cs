using SafeMarl.Environments.Games;

namespace SafeMarl.Environments.Tests.Games;

public sealed class ConstrainedTwoStepGameTests : EnvironmentContractTests
{
    protected override IMultiAgentEnvironment Create() => new ConstrainedTwoStepGame();

    [TestCase(double.PositiveInfinity, double.PositiveInfinity, 8, 1, 1)]
    [TestCase(0, 0, 3, 0, 0)]
    [TestCase(0.5, 0.2, 4.6, 0.5, 0.2)]
    [TestCase(0.3, 0.9, 4.5, 0.3, 0.3)]
    public void Solve_WithLimits_GivesTheOptimumWorkedByHand(double entry, double strain, double expected, double entryCost, double strainCost)
    {
        ConstrainedOptimum best = ConstrainedTwoStepGame.Solve(entry, strain);

        Assert.Multiple(() =>
        {
            Assert.That(best.Return, Is.EqualTo(expected).Within(1e-12));
            Assert.That(best.Costs, Is.EqualTo(new[] { entryCost, strainCost }).Within(1e-12));
        });
    }

    [Test]
    public void Solve_AgainstPlayedPolicies_MatchesTheirMean()
    {
        // p = 0.5, q = 0.4: the optimal policy for limits 0.5 and 0.2, played 20,000 times.
        using var game = new ConstrainedTwoStepGame();
        var memory = new StepMemory(game.Spec, 1);
        var random = new RandomStream(1);
        double total = 0, entry = 0, strain = 0;
        const int episodes = 20_000;
        for (int i = 0; i < episodes; i++)
        {
            game.Reset(i, memory[0]);
            Play(random.NextDouble() < 0.5 ? 1 : 0, 0);
            Play(1, random.NextDouble() < 0.4 ? 1 : 0);
        }

        Assert.Multiple(() =>
        {
            Assert.That(total / episodes, Is.EqualTo(4.6).Within(0.05));
            Assert.That(entry / episodes, Is.EqualTo(0.5).Within(0.02));
            Assert.That(strain / episodes, Is.EqualTo(0.2).Within(0.02));
        });

        void Play(float first, float second)
        {
            game.Step([first, second], memory[0]);
            total += memory[0].Reward(0);
            entry += memory[0].Cost(0);
            strain += memory[0].Cost(1);
        }
    }
}
