using SafeMarl.Environments.Games;

namespace SafeMarl.Environments.Tests.Games;

public sealed class ConvoyGameContractTests : EnvironmentContractTests
{
    protected override IMultiAgentEnvironment Create() => new ConvoyGame();
}

public sealed class ConvoyGameTests
{
    [Test]
    public void Step_AtFullSpeed_RunsIntoTheFrontCart()
    {
        (double rear, double front, double sum, int costs) = Drive((_, _) => [1, 1]);

        // The gap of 0.4 shrinks by 0.1 a step: it is too small from the second or third step on, as long as the rear cart is not at its place.
        Assert.That(costs, Is.GreaterThan(5));
        Assert.That(sum, Is.LessThan(new ConvoyGame().BestReturn(rear, front, safely: false)), "carts that do not stop pass their places");
    }

    [Test]
    public void Drive_OfTheBestUnsafeReturn_ReachesItAndCosts()
    {
        (double rear, double front, double sum, int costs) = Drive((p, _) => [Towards(p[0], 0.5, 0.2), Towards(p[1], 0.9, 0.1)]);

        Assert.That(sum, Is.EqualTo(new ConvoyGame().BestReturn(rear, front, safely: false)).Within(1e-4));
        Assert.That(costs, Is.GreaterThan(5));
    }

    [Test]
    public void Drive_OfTheBestSafeReturn_ReachesItAndCostsNothing()
    {
        // A hair more than the gap, as actions are rounded to single precision.
        (double rear, double front, double sum, int costs) = Drive((p, _) =>
        {
            double next = p[1] + 0.1 * Towards(p[1], 0.9, 0.1);
            return [Math.Min(Towards(p[0], 0.5, 0.2), (float)((next - 0.300001 - p[0]) / 0.2)), Towards(p[1], 0.9, 0.1)];
        });

        Assert.That(sum, Is.EqualTo(new ConvoyGame().BestReturn(rear, front, safely: true)).Within(1e-3));
        Assert.That(costs, Is.Zero);
    }

    [Test]
    public void BestReturn_KeepingTheGap_IsLess()
    {
        var game = new ConvoyGame();

        Assert.That(game.BestReturn(-1, -0.6, safely: true), Is.LessThan(game.BestReturn(-1, -0.6, safely: false) - 1));
    }

    private static float Towards(double position, double place, double speed) => (float)Math.Clamp((place - position) / speed, -1, 1);

    private static (double Rear, double Front, double Return, int Costs) Drive(Func<IReadOnlyList<double>, int, float[]> act)
    {
        var game = new ConvoyGame();
        var memory = new StepMemory(game.Spec, 1);
        game.Reset(3, memory[0]);
        (double rear, double front) = (game.Positions[0], game.Positions[1]);
        (double sum, int costs, int steps) = (0, 0, 0);
        EpisodeStatus status;
        do
        {
            status = game.Step(act(game.Positions, steps++), memory[0]);
            sum += memory[0].Reward(0);
            costs += (int)memory[0].Cost(0);
        }
        while (status == EpisodeStatus.Running);
        return (rear, front, sum, costs);
    }
}
