using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.Environments.Games;

namespace SafeMarl.ML.Tests.Algorithms.OffPolicy;

/// <summary>Whole runs of MAS3AC on a constrained control game whose best safe and unsafe drives are known.</summary>
[Category("Learning")]
public sealed class ConvoyLearningTests
{
    private const int Episodes = 20;

    [Test]
    public void Mas3ac_OnTheConvoy_KeepsTheGapAndReachesTheEquilibrium([Values(1, 2, 3)] int seed)
    {
        List<Drive> drives = Drives(seed, useSafety: true);

        Assert.Multiple(() =>
        {
            Assert.That(drives.Sum(d => d.Cost), Is.Zero, "violations");
            Assert.That(drives.Max(d => d.FinalDeviation), Is.LessThan(0.1), "distance to a place at the end");
            Assert.That(drives.Average(d => d.Return - d.BestSafeReturn), Is.GreaterThan(-5), "return lost to the best safe drive, of about 100 that random carts lose");
        });
    }

    [Test]
    public void Mas3ac_WithoutItsBarrier_DrivesFasterAndRunsIntoTheCartAhead([Values(1, 2, 3)] int seed)
    {
        List<Drive> drives = Drives(seed, useSafety: false);

        Assert.Multiple(() =>
        {
            Assert.That(drives.Select(d => d.Cost), Is.All.GreaterThan(0), "violations");
            Assert.That(drives.Average(d => d.Return - d.BestSafeReturn), Is.GreaterThan(1), "return gained over the best safe drive");
        });
    }

    private sealed record Drive(double Return, double BestSafeReturn, double Cost, double FinalDeviation);

    private static List<Drive> Drives(int seed, bool useSafety)
    {
        var options = new Mas3acOptions
        {
            TotalSteps = 15_000, WarmupSteps = 1_000, UpdatesPerStep = 0.1, BatchSize = 128, HiddenSize = 32, Tau = 0.02, InitialTemperature = 0.05,
            ActorLearningRate = 3e-3, ActorLearningRateSpan = 1.8e-3, CriticLearningRate = 4e-3, UseSafety = useSafety, Seed = seed, Device = "cpu",
        };
        Policy policy = new MLContext(1).SafeMarl().Trainers.Mas3ac(options).Fit(() => new ConvoyGame()).Policy;
        using var game = new ConvoyGame();
        var memory = new StepMemory(game.Spec, 1);
        return [.. Enumerable.Range(1, Episodes).Select(episode => Play(policy, game, memory, episode))];
    }

    private static Drive Play(Policy policy, ConvoyGame game, StepMemory memory, int seed)
    {
        StepBuffer step = memory[0];
        game.Reset(seed, step);
        double best = game.BestReturn(game.Positions[0], game.Positions[1], safely: true), sum = 0, cost = 0;
        float[] action = new float[2];
        EpisodeStatus status = EpisodeStatus.Running;
        while (status == EpisodeStatus.Running)
        {
            for (int cart = 0; cart < action.Length; cart++)
                policy.Agents[cart].Act(step.Observation(cart), [], action.AsSpan(cart, 1));
            status = game.Step(action, step);
            (sum, cost) = (sum + step.Reward(0), cost + step.Cost(0));
        }
        return new Drive(sum, best, cost, Math.Max(step.Deviation(0), step.Deviation(1)));
    }
}
