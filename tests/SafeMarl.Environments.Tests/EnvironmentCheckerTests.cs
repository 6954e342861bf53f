using static SafeMarl.Environments.Tests.CountingEnvironment;

namespace SafeMarl.Environments.Tests;

public sealed class EnvironmentCheckerTests
{
    [Test]
    public void Check_OfASoundEnvironment_FindsNothing() =>
        Assert.That(EnvironmentChecker.Check(() => new CountingEnvironment()).Problems, Is.Empty);

    [TestCase(Fault.NaNObservation, "finite values")]
    [TestCase(Fault.UnwrittenState, "finite values")]
    [TestCase(Fault.InfiniteReward, "finite values")]
    [TestCase(Fault.NegativeCost, "costs")]
    [TestCase(Fault.NegativeDeviation, "deviation")]
    [TestCase(Fault.NegativeDisturbance, "disturbance")]
    [TestCase(Fault.UnequalSharedReward, "shared signals")]
    [TestCase(Fault.NeverEnds, "truncation")]
    [TestCase(Fault.Allocates, "allocation")]
    [TestCase(Fault.IgnoresSeed, "determinism")]
    [TestCase(Fault.SurvivesReset, "determinism")]
    [TestCase(Fault.AcceptsNaN, "actions")]
    [TestCase(Fault.EmptyMask, "masks")]
    [TestCase(Fault.LosesInReset, "lost agents")]
    [TestCase(Fault.RevivesAgents, "lost agents")]
    public void Check_OfABrokenEnvironment_NamesTheRule(object fault, string rule)
    {
        EnvironmentReport report = EnvironmentChecker.Check(() => new CountingEnvironment(fault: (Fault)fault));

        Assert.Multiple(() =>
        {
            Assert.That(report.Problems.Select(p => p.Rule), Does.Contain(rule), report.ToString());
            Assert.That(report.ThrowIfFailed, Throws.TypeOf<EnvironmentException>().With.Message.Contains(rule));
        });
    }

    [Test]
    public void Check_NeverStepsAnEpisodeThatHasEnded() =>
        Assert.That(EnvironmentChecker.Check(() => new StrictEnvironment()).Problems, Is.Empty);

    /// <summary>One agent with a box that may not be stepped after its episode has ended.</summary>
    private sealed class StrictEnvironment : IMultiAgentEnvironment
    {
        private int _steps;

        public EnvironmentSpec Spec { get; } = new("Strict", [new AgentSpec("only", 1, ActionSpace.Box(1, -1, 1), [new CostChannel("none")])], episodeLength: 3);

        public void Reset(long seed, StepBuffer step) => step.Observation(0)[0] = _steps = 0;

        public EpisodeStatus Step(ReadOnlySpan<float> jointAction, StepBuffer step)
        {
            InvalidActionException.ThrowIfInvalid(jointAction, Spec);
            if (_steps == 3)
                throw new InvalidOperationException("the episode has ended");
            step.Observation(0)[0] = ++_steps;
            step.Reward(0) = step.Cost(0) = 0;
            return _steps == 3 ? EpisodeStatus.Truncated : EpisodeStatus.Running;
        }

        public void Dispose() { }
    }
}
