using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.ML.Policies;

namespace SafeMarl.ML.Tests.Algorithms.ValueFactorization;

/// <summary>A bet of two agents: each may take 0.5, or toss a coin for 2.4 and -0.8, which is 0.8 in the mean.</summary>
public sealed class RiskqLearningTests
{
    [Test]
    public void Fit_AvoidingRisk_LeavesTheBetThatIsBetterInTheMean([Values(1, 2, 3)] int seed) => Assert.That(Choices(RiskMeasure.Wang, 0.75, seed), Is.EqualTo(new[] { 0, 0 }));

    [Test]
    public void Fit_WithoutRegardToRisk_TakesTheBet([Values(1, 2, 3)] int seed) => Assert.That(Choices(RiskMeasure.Neutral, 0, seed), Is.EqualTo(new[] { 1, 1 }));

    private static int[] Choices(RiskMeasure risk, double level, int seed)
    {
        var options = new RiskqOptions
        {
            Risk = risk, RiskLevel = level, Seed = seed, TotalSteps = 6000, Environments = 8, RolloutSteps = 16, UpdatesPerEpisode = 0.125, ExplorationSteps = 3000, TargetInterval = 20, HiddenSize = 16,
            Quantiles = 16, EmbeddingSize = 16, LearningRate = 3e-3,
        };
        Policy policy = new MLContext(seed).SafeMarl().Trainers.Riskq(options).Fit(() => new Bet()).Policy;
        var action = new float[1];
        return [.. policy.Agents.Select(agent =>
        {
            agent.Act([1], default, agent.CreateMemory(), action);
            return (int)action[0];
        })];
    }

    private sealed class Bet : IMultiAgentEnvironment
    {
        private RandomStream _random;

        public EnvironmentSpec Spec { get; } = new("Bet", [.. Enumerable.Range(0, 2).Select(i => new AgentSpec($"agent_{i}", 1, ActionSpace.Discrete(2), [new CostChannel("none")]))], 1, sharedReward: true);

        public void Reset(long seed, StepBuffer step)
        {
            _random = new RandomStream(seed);
            Observe(step);
        }

        public EpisodeStatus Step(ReadOnlySpan<float> jointAction, StepBuffer step)
        {
            float reward = 0;
            foreach (float action in jointAction)
                reward += action == 0 ? 0.5f : _random.NextDouble() < 0.5 ? 2.4f : -0.8f;
            (step.Reward(0), step.Reward(1)) = (reward, reward);
            Observe(step);
            return EpisodeStatus.Terminated;
        }

        private static void Observe(StepBuffer step) => (step.Observation(0)[0], step.Observation(1)[0]) = (1, 1);

        public void Dispose() { }
    }
}
