using SafeMarl.Environments.Mujoco;
using SafeMarl.Environments.SafeMujoco;

namespace SafeMarl.Environments.Tests.SafeMujoco;

public sealed class DistanceKeepingHalfCheetahTests : EnvironmentContractTests
{
    protected override IMultiAgentEnvironment Create() =>
        new SafeHalfCheetah(AgentPartition.Parse("3x2"), new SafeHalfCheetahOptions { EpisodeLength = 50, Objective = CheetahObjective.KeepDistance });
}

public sealed class CooperativeCoupledHalfCheetahTests : EnvironmentContractTests
{
    protected override IMultiAgentEnvironment Create() => new CoupledHalfCheetah(AgentPartition.Parse("2x6"), new CoupledHalfCheetahOptions { EpisodeLength = 50 });
}

public sealed class RunningCoupledHalfCheetahTests : EnvironmentContractTests
{
    protected override IMultiAgentEnvironment Create() =>
        new CoupledHalfCheetah(AgentPartition.Parse("2x6"), new CoupledHalfCheetahOptions { EpisodeLength = 50, Objective = CheetahObjective.Run, StandardizeObservations = true });
}

public sealed class RunningCoupledHalfCheetahBeforeAWallTests : EnvironmentContractTests
{
    protected override IMultiAgentEnvironment Create() => new CoupledHalfCheetah(
        AgentPartition.Parse("2x6"), new CoupledHalfCheetahOptions { EpisodeLength = 50, Objective = CheetahObjective.Run, Geometry = CoupledGeometry.WallBehind });
}

public sealed class NonCooperativeCoupledHalfCheetahTests : EnvironmentContractTests
{
    protected override IMultiAgentEnvironment Create() =>
        new CoupledHalfCheetah(AgentPartition.Parse("12x1"), new CoupledHalfCheetahOptions { EpisodeLength = 50, NonCooperative = true, Neighborhood = 3 });
}

public sealed class DisturbedCoupledHalfCheetahTests : EnvironmentContractTests
{
    protected override IMultiAgentEnvironment Create() =>
        new CoupledHalfCheetah(AgentPartition.Parse("2x6"), new CoupledHalfCheetahOptions { EpisodeLength = 50, Disturbance = Disturbance.Medium });
}

public sealed class CoupledHalfCheetahTests
{
    [TestCase(Disturbance.Small, 0.05)]
    [TestCase(Disturbance.Medium, 0.2)]
    [TestCase(Disturbance.Strong, 0.5)]
    public void Disturbance_OfAWeightedBody_AcceleratesItByThatShareOfGravity(Disturbance disturbance, double share)
    {
        using var still = new CoupledHalfCheetah(AgentPartition.Parse("2x6"));
        using var pushed = new CoupledHalfCheetah(AgentPartition.Parse("2x6"), new CoupledHalfCheetahOptions { Disturbance = disturbance });
        StepMemory memory = new(still.Spec, 1), memoryOfPushed = new(pushed.Spec, 1);
        var differences = new List<double>();
        for (int seed = 0; seed < 200; seed++)
        {
            still.Reset(seed, memory[0]);
            still.Step(new float[12], memory[0]);
            double without = still.Simulation.Velocities[1];
            pushed.Reset(seed, memoryOfPushed[0]);
            pushed.Step(new float[12], memoryOfPushed[0]);
            differences.Add(pushed.Simulation.Velocities[1] - without);
        }
        // A force F on one of two bodies of m kilograms each changes its speed by F / m in a second, 0.05 of that in a step.
        double deviation = Math.Sqrt(differences.Average(d => d * d)), expected = share * 9.81 * 0.05;

        Assert.That(deviation, Is.EqualTo(expected).Within(0.35 * expected), "friction and the legs take or add some");
    }

    [Test]
    public void Disturbance_Off_IsTheDefault()
    {
        Assert.That((new CoupledHalfCheetahOptions().Disturbance, new SafeHalfCheetahOptions().Disturbance, new SafeAntOptions().Disturbance),
            Is.EqualTo((Disturbance.None, Disturbance.None, Disturbance.None)));
    }

    [TestCase("2x6", null, 40)]
    [TestCase("6x2", 3, 36)]
    [TestCase("12x1", 3, 22)]
    [TestCase("12x1", 0, 10)]
    public void Spec_OfTheBenchmarks_HasTheirSizes(string partition, int? neighborhood, int observation)
    {
        using var cheetahs = new CoupledHalfCheetah(AgentPartition.Parse(partition), new CoupledHalfCheetahOptions { Neighborhood = neighborhood });

        Assert.That(cheetahs.Spec.Agents.Select(a => a.ObservationSize), Is.All.EqualTo(observation));
        Assert.That((cheetahs.Spec.StateSize, cheetahs.Spec.HasDeviation), Is.EqualTo((38, true)));
    }

    [TestCase(CoupledGeometry.WallAhead, "CoupledHalfCheetah-2x6", 1)]
    [TestCase(CoupledGeometry.WallBehind, "CoupledHalfCheetah-2x6-behind", 0)]
    public void Running_StandingStill_CostsAsEitherPublishedVariantDoes(CoupledGeometry geometry, string name, double cost)
    {
        using var cheetahs = new CoupledHalfCheetah(AgentPartition.Parse("2x6"), new CoupledHalfCheetahOptions { Objective = CheetahObjective.Run, Geometry = geometry });
        var memory = new StepMemory(cheetahs.Spec, 1);
        cheetahs.Reset(4, memory[0]);
        var costs = new List<double>();
        for (int step = 0; step < 60; step++)
        {
            cheetahs.Step(new float[12], memory[0]);
            costs.Add(memory[0].Cost(1));
        }

        Assert.That(costs, Is.All.EqualTo(cost), "ahead the side walls are too near all the time; behind the wall has not come yet");
        Assert.That(cheetahs.Spec.Name, Is.EqualTo(name));
    }

    [Test]
    public void Observation_WithNeighbors_HoldsTheirJointsAndTheOwnBody()
    {
        using var cheetahs = new CoupledHalfCheetah(AgentPartition.Parse("6x2"), new CoupledHalfCheetahOptions { NonCooperative = true, Neighborhood = 1 });
        var memory = new StepMemory(cheetahs.Spec, 1);
        cheetahs.Reset(4, memory[0]);
        ReadOnlySpan<double> q = cheetahs.Simulation.Positions, v = cheetahs.Simulation.Velocities, s = cheetahs.State;
        double scaled = Math.Clamp((cheetahs.Simulation.Features[0] - q[10]) / 10, -5, 5);
        // Agent 3 has the back thigh and shin of the second cheetah; agent 2 the front shin and foot of the first.
        double[] third = [q[8], q[9], v[8], v[9], q[13], q[14], v[13], v[14], q[15], q[16], v[15], v[16], q[11], q[12], v[10], v[11], v[12], s[35], s[36], scaled];
        double[] last = [q[15], q[16], v[15], v[16], q[17], q[18], v[17], v[18], 0, 0, 0, 0, q[11], q[12], v[10], v[11], v[12], s[35], s[36], scaled];

        Assert.That(memory[0].Observation(3).ToArray(), Is.EqualTo(third.Select(x => (float)x)));
        Assert.That(memory[0].Observation(5).ToArray(), Is.EqualTo(last.Select(x => (float)x)), "zeros beyond the end of the chain");
    }

    [Test]
    public void OwnState_IsWhatAnAgentSeesOfItsOwnBodyAndOfTheWall()
    {
        using var neighbors = new CoupledHalfCheetah(AgentPartition.Parse("6x2"), new CoupledHalfCheetahOptions { NonCooperative = true, Neighborhood = 1 });
        using var whole = new CoupledHalfCheetah(AgentPartition.Parse("6x2"), new CoupledHalfCheetahOptions { NonCooperative = true });
        var memory = new StepMemory(neighbors.Spec, 1);
        var state = new StepMemory(whole.Spec, 1);
        neighbors.Reset(4, memory[0]);
        whole.Reset(4, state[0]);
        ReadOnlySpan<double> q = neighbors.Simulation.Positions, v = neighbors.Simulation.Velocities, s = neighbors.State;
        double scaled = Math.Clamp((neighbors.Simulation.Features[0] - q[10]) / 10, -5, 5);
        // Agent 3 has the back thigh and shin of the second cheetah; in the whole state the distance is the first cheetah's.
        double[] own = [q[13], q[14], v[13], v[14], q[11], q[12], v[10], v[11], v[12], s[35], s[36], scaled];
        double[] inState = [q[11], q[12], q[13], q[14], v[10], v[11], v[12], v[13], v[14], s[35], s[36], s[37]];

        Assert.That(Own(neighbors.Spec.Agents[3], memory[0].Observation(3)), Is.EqualTo(own.Select(x => (float)x)));
        Assert.That(Own(whole.Spec.Agents[3], state[0].Observation(3)), Is.EqualTo(inState.Select(x => (float)x)));

        static float[] Own(AgentSpec agent, Span<float> observation)
        {
            float[] seen = observation.ToArray();
            return [.. agent.OwnState.Select(i => seen[i])];
        }
    }

    [Test]
    public void Disturbance_InAStep_IsReportedAsAShareOfTheWeightOfTheOwnBody()
    {
        using var cheetahs = new CoupledHalfCheetah(AgentPartition.Parse("6x2"), new CoupledHalfCheetahOptions { NonCooperative = true, Disturbance = Disturbance.Medium });
        var memory = new StepMemory(cheetahs.Spec, 1);
        var first = new List<double>();
        cheetahs.Reset(4, memory[0]);
        for (int i = 0; i < 200; i++)
        {
            cheetahs.Step(new float[12], memory[0]);
            first.Add(memory[0].Disturbance(0));
            Assert.That(memory[0].Disturbance(2), Is.EqualTo(memory[0].Disturbance(0)), "agents of one cheetah");
            Assert.That(memory[0].Disturbance(3), Is.Not.EqualTo(memory[0].Disturbance(0)), "the other cheetah is pushed by itself");
        }

        // The size of a push with independent normal components of 0.2 is Rayleigh-distributed: mean 0.2 sqrt(pi / 2).
        Assert.That(first.Average(), Is.EqualTo(0.2 * Math.Sqrt(Math.PI / 2)).Within(0.03));
        Assert.That(cheetahs.Spec.HasDisturbance, Is.True);
    }

    [Test]
    public void Partition_WithJointsOfBothCheetahs_IsRefusedWhereAnAgentNeedsABody() =>
        Assert.That(() => new CoupledHalfCheetah(AgentPartition.Parse("3x4"), new CoupledHalfCheetahOptions { NonCooperative = true }), Throws.ArgumentException.With.Message.Contains("3x4").And.Message.Contains("6x2"));

    [TestCase(6)]
    [TestCase(-1)]
    public void Neighborhood_OutsideTheChain_IsRefused(int neighborhood) => Assert.That(
        () => new CoupledHalfCheetah(AgentPartition.Parse("6x2"), new CoupledHalfCheetahOptions { Neighborhood = neighborhood }), Throws.ArgumentException.With.Message.Contains("0 to 5"));

    [Test]
    public void Objective_ThatDoesNotExist_ListsThoseThatDo() => Assert.That(
        () => new CoupledHalfCheetah(AgentPartition.Parse("6x2"), new CoupledHalfCheetahOptions { Objective = (CheetahObjective)9 }), Throws.ArgumentException.With.Message.Contains("KeepDistance"));

    [Test]
    public void Running_IsCooperative() =>
        Assert.That(() => new CoupledHalfCheetah(AgentPartition.Parse("6x2"), new CoupledHalfCheetahOptions { NonCooperative = true, Objective = CheetahObjective.Run }), Throws.ArgumentException.With.Message.Contains("Run"));
}
