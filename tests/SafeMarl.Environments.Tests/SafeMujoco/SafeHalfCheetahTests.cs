using SafeMarl.Environments.Mujoco;
using SafeMarl.Environments.SafeMujoco;

namespace SafeMarl.Environments.Tests.SafeMujoco;

public sealed class SafeHalfCheetah2x3Tests : EnvironmentContractTests
{
    protected override IMultiAgentEnvironment Create() => new SafeHalfCheetah(AgentPartition.Parse("2x3"), new SafeHalfCheetahOptions { EpisodeLength = 100 });
}

public sealed class SafeHalfCheetah3x2OwnJointsTests : EnvironmentContractTests
{
    protected override IMultiAgentEnvironment Create() =>
        new SafeHalfCheetah(AgentPartition.Parse("3x2"), new SafeHalfCheetahOptions { EpisodeLength = 50, Observation = ObservationScope.OwnJoints });
}

public sealed class SafeHalfCheetah6x1UnscaledTests : EnvironmentContractTests
{
    protected override IMultiAgentEnvironment Create() =>
        new SafeHalfCheetah(AgentPartition.Parse("6x1"), new SafeHalfCheetahOptions { EpisodeLength = 50, StandardizeObservations = false, ClipControlCost = true });
}

public sealed class SafeHalfCheetah3x2AsDeclaredTests : EnvironmentContractTests
{
    protected override IMultiAgentEnvironment Create() => new SafeHalfCheetah(
        AgentPartition.Parse("3x2"), new SafeHalfCheetahOptions { EpisodeLength = 50, Partition = JointAssignment.AsDeclared, Observation = ObservationScope.OwnJoints });
}

public sealed class SafeHalfCheetahTests
{
    [TestCase("2x3", 2, 3, 22)]
    [TestCase("3x2", 3, 2, 23)]
    [TestCase("6x1", 6, 1, 26)]
    public void Spec_OfThePublishedPartitions_HasThePublishedSizes(string partition, int agents, int actions, int observation)
    {
        using var cheetah = Create(partition);

        Assert.Multiple(() =>
        {
            Assert.That(cheetah.Spec.Agents, Has.Count.EqualTo(agents));
            Assert.That(cheetah.Spec.Agents.Select(a => a.ActionSpace.Size), Is.All.EqualTo(actions));
            Assert.That(cheetah.Spec.Agents.Select(a => a.ObservationSize), Is.All.EqualTo(observation));
            Assert.That(cheetah.Spec.StateSize, Is.EqualTo(20));
            Assert.That(cheetah.Spec.EpisodeLength, Is.EqualTo(1000));
            Assert.That(cheetah.Spec.Agents[0].Costs[0].ReferenceLimit, Is.EqualTo(30));
        });
    }

    [TestCase("2x2")]
    [TestCase("7x1")]
    public void Partition_ThatDoesNotCoverTheJoints_ListsThoseThatDo(string partition) =>
        Assert.That(() => Create(partition), Throws.ArgumentException.With.Message.Contains("2x3").And.Message.Contains("6x1"));

    [TestCase("2")]
    [TestCase("ax3")]
    [TestCase("0x3")]
    [TestCase("2x3x1")]
    [TestCase("2x3dd")]
    [TestCase("d")]
    public void Partition_OfAnotherForm_IsRefused(string text) =>
        Assert.That(() => AgentPartition.Parse(text), Throws.TypeOf<FormatException>().With.Message.Contains("2x3"));

    [Test]
    public void Observation_AsPublished_IsTheStateWithTheAgentScaledByItsOwnStatistics()
    {
        using var cheetah = Create("2x3");
        var memory = new StepMemory(cheetah.Spec, 1);
        cheetah.Reset(4, memory[0]);
        double[] raw = [.. cheetah.State.ToArray(), 0, 1];
        double mean = raw.Average(), std = Math.Sqrt(raw.Select(x => (x - mean) * (x - mean)).Average());

        Assert.That(memory[0].Observation(1).ToArray(), Is.EqualTo(raw.Select(x => (float)((x - mean) / std))).Within(1e-6f));
    }

    [Test]
    public void OwnState_OfTheWholeState_IsWhatAnAgentOfOwnJointsSees()
    {
        using var whole = Create("3x2", new SafeHalfCheetahOptions { StandardizeObservations = false });
        using var own = Create("3x2", new SafeHalfCheetahOptions { Observation = ObservationScope.OwnJoints, StandardizeObservations = false });
        StepMemory seen = new(whole.Spec, 1), seenOfOwn = new(own.Spec, 1);
        whole.Reset(4, seen[0]);
        own.Reset(4, seenOfOwn[0]);
        for (int agent = 0; agent < 3; agent++)
        {
            float[] state = seen[0].Observation(agent).ToArray();
            Assert.That(whole.Spec.Agents[agent].OwnState.Select(i => state[i]), Is.EquivalentTo(seenOfOwn[0].Observation(agent)[..12].ToArray()));
        }
    }

    [Test]
    public void Observation_OfOwnJoints_HoldsTheAgentsJointsAndTheBody()
    {
        using var cheetah = Create("3x2", new SafeHalfCheetahOptions { Observation = ObservationScope.OwnJoints, StandardizeObservations = false });
        var memory = new StepMemory(cheetah.Spec, 1);
        cheetah.Reset(4, memory[0]);
        ReadOnlySpan<double> q = cheetah.Simulation.Positions, v = cheetah.Simulation.Velocities, s = cheetah.State;
        double[] expected = [q[6], q[7], v[6], v[7], q[2], q[3], v[1], v[2], v[3], v[0], s[18], s[19], 0, 1, 0];

        Assert.That(memory[0].Observation(1).ToArray(), Is.EqualTo(expected.Select(x => (float)x)));
    }

    [TestCase("2x3", 0, new[] { 2, 1, 0 })]
    [TestCase("2x3", 1, new[] { 5, 4, 3 })]
    [TestCase("3x2", 1, new[] { 0, 5 })]
    [TestCase("6x1", 5, new[] { 3 })]
    public void Joints_AsDeclared_AreThoseThatThePublishedTaskLists(string partition, int agent, int[] joints)
    {
        var options = new SafeHalfCheetahOptions { Partition = JointAssignment.AsDeclared, Observation = ObservationScope.OwnJoints, StandardizeObservations = false };
        using var own = Create(partition, options);
        using var whole = Create(partition, options with { Observation = ObservationScope.FullState });
        StepMemory seen = new(own.Spec, 1), state = new(whole.Spec, 1);
        own.Reset(4, seen[0]);
        whole.Reset(4, state[0]);
        ReadOnlySpan<double> q = own.Simulation.Positions, v = own.Simulation.Velocities;
        var angles = new List<float>();
        foreach (int joint in joints)
            angles.Add((float)q[4 + joint]);
        foreach (int joint in joints)
            angles.Add((float)v[4 + joint]);
        float[] all = state[0].Observation(agent).ToArray();

        Assert.That(seen[0].Observation(agent)[..(2 * joints.Length)].ToArray(), Is.EqualTo(angles));
        Assert.That(angles, Is.SubsetOf(whole.Spec.Agents[agent].OwnState.Select(i => all[i])));
        Assert.That(own.Spec.Name, Is.EqualTo($"SafeHalfCheetah-{partition}-declared"));
    }

    [Test]
    public void Reward_OfAnOversizedAction_IsChargedAsProposedUnlessClipped()
    {
        float[] action = [3, 0, 0, 0, 0, -2];
        double published = RewardOf(action, new SafeHalfCheetahOptions()), clipped = RewardOf(action, new SafeHalfCheetahOptions { ClipControlCost = true });

        Assert.That(clipped - published, Is.EqualTo(0.1 * (9 + 4 - 1 - 1)).Within(1e-5), "the motion is the same, the charge is not");

        static double RewardOf(float[] action, SafeHalfCheetahOptions options)
        {
            using var cheetah = Create("2x3", options);
            var memory = new StepMemory(cheetah.Spec, 1);
            cheetah.Reset(4, memory[0]);
            cheetah.Step(action, memory[0]);
            return memory[0].Reward(0);
        }
    }

    [Test]
    public void Episode_AtItsLimit_IsTruncated()
    {
        using var cheetah = Create("2x3", new SafeHalfCheetahOptions { EpisodeLength = 3 });
        var memory = new StepMemory(cheetah.Spec, 1);
        cheetah.Reset(4, memory[0]);
        EpisodeStatus[] statuses = [cheetah.Step(new float[6], memory[0]), cheetah.Step(new float[6], memory[0]), cheetah.Step(new float[6], memory[0])];

        Assert.That(statuses, Is.EqualTo(new[] { EpisodeStatus.Running, EpisodeStatus.Running, EpisodeStatus.Truncated }));
    }

    [Test]
    public void Step_WithANaNAction_IsRefusedAndTheEpisodeGoesOn()
    {
        using var cheetah = Create("2x3");
        var memory = new StepMemory(cheetah.Spec, 1);
        cheetah.Reset(4, memory[0]);

        Assert.That(() => cheetah.Step([0, 0, 0, 0, float.NaN, 0], memory[0]),
            Throws.TypeOf<InvalidActionException>().With.Message.Contains("agent_1").And.Message.Contains("dimension 1"));
        Assert.That(cheetah.Step(new float[6], memory[0]), Is.EqualTo(EpisodeStatus.Running));
    }

    [Test]
    public void Step_OfADivergingSimulation_TerminatesWithAWarningAndFiniteNumbers()
    {
        using var cheetah = Create("2x3");
        var warnings = new List<string>();
        cheetah.Warning += warnings.Add;
        var memory = new StepMemory(cheetah.Spec, 1);
        BeginAtImpossibleSpeed(cheetah, memory);

        EpisodeStatus status = StepUntilEnded(cheetah, memory);

        Assert.Multiple(() =>
        {
            Assert.That(status, Is.EqualTo(EpisodeStatus.Terminated));
            Assert.That(warnings, Has.Count.EqualTo(1).And.All.Contains("diverged"));
            Assert.That(memory.Observations.ToArray(), Is.All.Matches<float>(float.IsFinite));
            Assert.That(memory[0].Cost(0), Is.EqualTo(1));
        });
        cheetah.Reset(5, memory[0]);
        Assert.That(cheetah.Step(new float[6], memory[0]), Is.EqualTo(EpisodeStatus.Running), "a reset repairs the simulation");
    }

    [Test]
    public void Step_OfADivergingSimulation_ThrowsWhenToldSo()
    {
        using var cheetah = Create("2x3", new SafeHalfCheetahOptions { OnDivergence = DivergenceBehavior.Throw });
        var memory = new StepMemory(cheetah.Spec, 1);
        BeginAtImpossibleSpeed(cheetah, memory);

        Assert.That(() => StepUntilEnded(cheetah, memory), Throws.TypeOf<SimulationDivergedException>().With.Message.Contains("diverged"));
    }

    private static void BeginAtImpossibleSpeed(SafeHalfCheetah cheetah, StepMemory memory)
    {
        var velocities = new double[10];
        velocities[5] = 1e9;
        cheetah.Begin(new double[10], velocities, memory[0]);
    }

    private static EpisodeStatus StepUntilEnded(SafeHalfCheetah cheetah, StepMemory memory)
    {
        for (int i = 0; i < 50; i++)
        {
            EpisodeStatus status = cheetah.Step(new float[6], memory[0]);
            if (status != EpisodeStatus.Running)
                return status;
        }
        return EpisodeStatus.Running;
    }

    private static SafeHalfCheetah Create(string partition, SafeHalfCheetahOptions? options = null) => new(AgentPartition.Parse(partition), options);
}
