using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.Environments.Games;

namespace SafeMarl.ML.Tests.Algorithms.OffPolicy;

/// <summary>Whole runs on games whose unconstrained optimum is known; the policies' likeliest actions must reach it.</summary>
[Category("Learning")]
public sealed class GameLearningTests
{
    [Test]
    public void Hasac_OnTheTwoStepGame_ReachesTheUnconstrainedOptimum([Values(1, 2, 3)] int seed) =>
        AssertOptimal(ml => ml.SafeMarl().Trainers.Hasac(Small(new HasacOptions { ReturnSteps = 1 }, seed)), () => new ConstrainedTwoStepGame(), ConstrainedTwoStepGame.Solve().Return);

    [Test]
    public void Hasac_OnTheMatrixGame_ReachesTheUnconstrainedOptimum([Values(1, 2, 3)] int seed) =>
        AssertOptimal(ml => ml.SafeMarl().Trainers.Hasac(Small(new HasacOptions(), seed)), () => new ConstrainedMatrixGame(), new ConstrainedMatrixGame().Solve().Return);

    [Test]
    public void Masac_OnTheMatrixGame_ReachesTheUnconstrainedOptimum([Values(1, 2, 3)] int seed) =>
        AssertOptimal(ml => ml.SafeMarl().Trainers.Masac(Small(new MasacOptions(), seed)), () => new ConstrainedMatrixGame(), new ConstrainedMatrixGame().Solve().Return);

    private static TOptions Small<TOptions>(TOptions options, int seed)
        where TOptions : OffPolicyOptions
    {
        (options.TotalSteps, options.Seed, options.Device, options.WarmupSteps, options.BatchSize, options.HiddenSize) = (8_000, seed, "cpu", 1_000, 128, 32);
        (options.UpdatesPerStep, options.InitialTemperature, options.AdaptTemperature) = (0.1, 0.1, false);
        return options;
    }

    private static void AssertOptimal(Func<MLContext, SafeMarlTrainer> create, Func<IMultiAgentEnvironment> game, double optimum)
    {
        var mlContext = new MLContext(1);
        PolicyTransformer policy = create(mlContext).Fit(game);
        SafeMarlMetrics metrics = mlContext.SafeMarl().Evaluate(policy, mlContext.SafeMarl().LoadFromEnvironment(game), episodes: 20);

        Assert.That(metrics.Return.Mean, Is.EqualTo(optimum).Within(1e-6));
    }
}
