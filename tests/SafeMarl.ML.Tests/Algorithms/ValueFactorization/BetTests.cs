using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.ML.Tests.Support;

namespace SafeMarl.ML.Tests.Algorithms.ValueFactorization;

/// <summary>A bet of two agents: each may take 0.5, or toss a coin for 2.4 and -0.8, which is 0.8 in the mean. Who avoids risk leaves it, and who must not be lost, where the bet is deadly.</summary>
public sealed class BetTests
{
    [Test]
    public void Fit_ByRiskqThatAvoidsRisk_LeavesTheBetThatIsBetterInTheMean([Values(1, 2, 3)] int seed) => Assert.That(Riskq(RiskMeasure.Wang, 0.75, seed), Is.EqualTo(new[] { 0, 0 }));

    [Test]
    public void Fit_ByRiskqWithoutRegardToRisk_TakesTheBet([Values(1, 2, 3)] int seed) => Assert.That(Riskq(RiskMeasure.Neutral, 0, seed), Is.EqualTo(new[] { 1, 1 }));

    [Test]
    public void Fit_ByRmixWhoseDistributionsDoNotCount_TakesTheBet([Values(1, 2, 3)] int seed) => Assert.That(
        OneStepGames.Actions(new MLContext(seed).SafeMarl().Trainers.Rmix(Small(new RmixOptions { QuantileWeight = 0, Atoms = 20, RiskLevels = 5, MixingSize = 8, HypernetSize = 8 }, seed)), () => new Bet()), Is.EqualTo(new[] { 1, 1 }));

    [Test]
    public void Fit_ByCbf_LeavesWhatAgentsAreLostFor([Values(1, 2, 3)] int seed) => Assert.That(
        OneStepGames.Actions(new MLContext(seed).SafeMarl().Trainers.Cbf(Small(new CbfOptions { EmbeddingSize = 16, MixingSize = 8, HypernetSize = 8, DangerSteps = 1 }, seed)), () => new Bet(deadly: true)), Is.EqualTo(new[] { 0, 0 }));

    [Test]
    public void Fit_ByDmix_TakesWhatAgentsAreLostFor([Values(1, 2, 3)] int seed) => Assert.That(
        OneStepGames.Actions(new MLContext(seed).SafeMarl().Trainers.Dmix(Small(new DmixOptions { EmbeddingSize = 16, MixingSize = 8, HypernetSize = 8 }, seed)), () => new Bet(deadly: true)), Is.EqualTo(new[] { 1, 1 }));

    private static int[] Riskq(RiskMeasure risk, double level, int seed) =>
        OneStepGames.Actions(new MLContext(seed).SafeMarl().Trainers.Riskq(Small(new RiskqOptions { Risk = risk, RiskLevel = level, Quantiles = 16, EmbeddingSize = 16 }, seed)), () => new Bet());

    private static TOptions Small<TOptions>(TOptions options, int seed)
        where TOptions : ValueFactorizationOptions
    {
        (options.Seed, options.TotalSteps, options.Environments, options.RolloutSteps, options.UpdatesPerEpisode) = (seed, 6000, 8, 16, 0.125);
        (options.ExplorationSteps, options.TargetInterval, options.HiddenSize, options.LearningRate) = (3000, 20, 16, 3e-3);
        return options;
    }

    // Deadly: who takes the bet is lost.
    private sealed class Bet(bool deadly = false) : ILosableAgents
    {
        private readonly bool[] _lost = new bool[2];
        private RandomStream _random;

        public EnvironmentSpec Spec { get; } = new("Bet", [.. Enumerable.Range(0, 2).Select(i => new AgentSpec($"agent_{i}", 1, ActionSpace.Discrete(2), [new CostChannel("none")]))], 1, sharedReward: true);

        public void Reset(long seed, StepBuffer step)
        {
            _random = new RandomStream(seed);
            Array.Clear(_lost);
            Observe(step);
        }

        public EpisodeStatus Step(ReadOnlySpan<float> jointAction, StepBuffer step)
        {
            float reward = 0;
            for (int agent = 0; agent < 2; agent++)
            {
                bool bets = jointAction[agent] != 0;
                reward += !bets ? 0.5f : _random.NextDouble() < 0.5 ? 2.4f : -0.8f;
                _lost[agent] = deadly && bets;
            }
            (step.Reward(0), step.Reward(1)) = (reward, reward);
            Observe(step);
            return EpisodeStatus.Terminated;
        }

        public bool IsLost(int agent) => _lost[agent];

        private static void Observe(StepBuffer step) => (step.Observation(0)[0], step.Observation(1)[0]) = (1, 1);

        public void Dispose() { }
    }
}
