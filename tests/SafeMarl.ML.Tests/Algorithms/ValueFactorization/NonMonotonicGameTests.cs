using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.ML.Tests.Support;

namespace SafeMarl.ML.Tests.Algorithms.ValueFactorization;

/// <summary>
/// The game of two agents in which the best joint action is surrounded by the worst ones (QTRAN, Son et al. 2019): no joint value that rises with each agent's tells it.
/// </summary>
public sealed class NonMonotonicGameTests
{
    private static readonly float[] Payoffs = [8, -12, -12, -12, 0, 0, -12, 0, 0];

    [Test]
    public void Fit_ByResq_FindsTheBestJointAction([Values(1, 2, 3)] int seed) => Assert.That(
        Payoff(new MLContext(seed).SafeMarl().Trainers.Resq(Small(new ResqOptions { CentralSize = 32, MixingSize = 16, HypernetSize = 16 }, seed))), Is.EqualTo(8));

    [Test]
    public void Fit_ByDrimaThatTrustsOthers_FindsTheBestJointAction([Values(1, 2, 3)] int seed) => Assert.That(Payoff(Drima(RiskAttitude.Seeking, seed)), Is.EqualTo(8));

    [Test]
    public void Fit_ByDrimaThatFearsOthers_SettlesForASafeOne([Values(1, 2, 3)] int seed) => Assert.That(Payoff(Drima(RiskAttitude.Averse, seed)), Is.EqualTo(0));

    [Test]
    public void Fit_ByResz_SettlesForASafeOneAsItsLossForgivesASingleOutlier([Values(1, 2, 3)] int seed) => Assert.That(
        Payoff(new MLContext(seed).SafeMarl().Trainers.Resz(Small(new ReszOptions { CentralSize = 32, EmbeddingSize = 16 }, seed))), Is.EqualTo(0));

    [Test]
    public void Fit_ByQmix_SettlesForASafeOne([Values(1, 2, 3)] int seed) => Assert.That(
        Payoff(new MLContext(seed).SafeMarl().Trainers.Qmix(Small(new QmixOptions { MixingSize = 16, HypernetSize = 16 }, seed))), Is.EqualTo(0));

    private static DrimaTrainer Drima(RiskAttitude attitude, int seed) =>
        new MLContext(seed).SafeMarl().Trainers.Drima(Small(new DrimaOptions { AgentRisk = attitude, EnvironmentRisk = RiskAttitude.Neutral, EmbeddingSize = 16, JointSize = 32 }, seed));

    private static TOptions Small<TOptions>(TOptions options, int seed)
        where TOptions : ValueFactorizationOptions
    {
        (options.Seed, options.TotalSteps, options.Environments, options.RolloutSteps, options.UpdatesPerEpisode) = (seed, 12_000, 8, 16, 0.125);
        (options.InitialExploration, options.FinalExploration, options.TargetInterval, options.HiddenSize, options.LearningRate) = (1, 1, 20, 16, 3e-3); // every joint action equally often, as in QTRAN
        return options;
    }

    private static float Payoff(SafeMarlTrainer trainer) => OneStepGames.Actions(trainer, () => new Game()) is [var first, var second] ? Payoffs[3 * first + second] : float.NaN;

    private sealed class Game : IMultiAgentEnvironment
    {
        public EnvironmentSpec Spec { get; } = new("Game", [.. Enumerable.Range(0, 2).Select(i => new AgentSpec($"agent_{i}", 1, ActionSpace.Discrete(3), [new CostChannel("none")]))], 1, sharedReward: true);

        public void Reset(long seed, StepBuffer step) => Observe(step);

        public EpisodeStatus Step(ReadOnlySpan<float> jointAction, StepBuffer step)
        {
            float reward = Payoffs[3 * (int)jointAction[0] + (int)jointAction[1]];
            (step.Reward(0), step.Reward(1)) = (reward, reward);
            Observe(step);
            return EpisodeStatus.Terminated;
        }

        private static void Observe(StepBuffer step) => (step.Observation(0)[0], step.Observation(1)[0]) = (1, 1);

        public void Dispose() { }
    }
}
