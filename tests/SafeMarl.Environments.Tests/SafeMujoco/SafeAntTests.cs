using SafeMarl.Environments.Mujoco;
using SafeMarl.Environments.SafeMujoco;

namespace SafeMarl.Environments.Tests.SafeMujoco;

public sealed class SafeAnt2x4Tests : EnvironmentContractTests
{
    protected override IMultiAgentEnvironment Create() => new SafeAnt(AgentPartition.Parse("2x4"), new SafeAntOptions { EpisodeLength = 50 });
}

public sealed class SafeAntAmongFreeWallsTests : EnvironmentContractTests
{
    protected override IMultiAgentEnvironment Create() => new SafeAnt(AgentPartition.Parse("4x2"), new SafeAntOptions { EpisodeLength = 10, Walls = CorridorWalls.Free });
}

public sealed class NonCooperativeAntTests : EnvironmentContractTests
{
    protected override IMultiAgentEnvironment Create() => new SafeAnt(
        AgentPartition.Parse("8x1"), new SafeAntOptions { EpisodeLength = 50, Objective = AntObjective.KeepSpeed, NonCooperative = true, Neighborhood = 3, StandardizeObservations = false });
}

public sealed class SafeAntTests
{
    private static IEnumerable<TestCaseData> Ants() => GoldenFiles.Cases("physics", "ant");

    [Test]
    public void Ant_ThatFalls_IsLostUntilTheNextEpisode()
    {
        using var ant = new SafeAnt(AgentPartition.Parse("2x4"));
        var memory = new StepMemory(ant.Spec, 1);
        double[] positions = [.. ant.Simulation.Model.InitialPositions];
        positions[2] = 5; // higher than it may jump
        ant.Begin(positions, new double[ant.Simulation.Model.VelocityCount], memory[0]);
        Assert.That((ant.IsLost(0), ant.IsLost(1)), Is.EqualTo((false, false)));
        Assert.That(ant.Step(new float[ant.Spec.Layout.ActionSize], memory[0]), Is.EqualTo(EpisodeStatus.Terminated));
        Assert.That((ant.IsLost(0), ant.IsLost(1)), Is.EqualTo((true, true)));
        ant.Reset(1, memory[0]);
        Assert.That((ant.IsLost(0), ant.IsLost(1)), Is.EqualTo((false, false)));
    }

    [TestCaseSource(nameof(Ants))]
    [Category("Golden")]
    public void Ant_Running_ReportsThePublishedSignals(string path)
    {
        using var ant = new SafeAnt(AgentPartition.Parse("2x4"), new SafeAntOptions { Walls = CorridorWalls.Free });
        RecordedMotion.Follow(ant, GoldenFiles.Read(path), (record, where) =>
        {
            Numeric.AssertWithin(ant.Rewards, [record.Number("reward"), record.Number("reward")], record.NumberOrNull("tol_reward"), $"{where}: reward");
            Numeric.AssertWithin(ant.State, record.Numbers("obs_state"), record.NumberOrNull("tol_qvel"), $"{where}: state");
            if (record.NumberOrNull("tol_qpos") is not null)
                Assert.That(ant.Costs, Is.All.EqualTo(record.Number("cost")), $"{where}: cost");
        });
    }

    [TestCaseSource(nameof(Ants))]
    [Category("Golden")]
    public void Ant_KeepingItsSpeed_ReportsTheReferenceSignals(string path)
    {
        using var together = new SafeAnt(AgentPartition.Parse("4x2"), new SafeAntOptions { Objective = AntObjective.KeepSpeed, Walls = CorridorWalls.Free });
        RecordedMotion.Follow(together, GoldenFiles.Read(path), (record, where) =>
        {
            var expected = record.GetProperty("mas3ac_coop");
            double? tolerance = record.NumberOrNull("tol_reward");
            Numeric.AssertWithin([together.Rewards[3]], [expected.Number("reward")], tolerance, $"{where}: reward");
            Numeric.AssertWithin([together.Deviations[3]], [expected.Number("stability_cost")], tolerance, $"{where}: deviation");
            double fallen = record.GetProperty("done").GetBoolean() ? 1 : 0;
            Numeric.AssertWithin([together.Costs[3]], [Math.Max(fallen, -expected.Number("barrier"))], tolerance, $"{where}: cost");
        });
    }

    [TestCaseSource(nameof(Ants))]
    [Category("Golden")]
    public void Ant_EachLegForItself_ReportsTheReferenceSignals(string path)
    {
        using var ant = new SafeAnt(
            AgentPartition.Parse("8x1"), new SafeAntOptions { Objective = AntObjective.KeepSpeed, NonCooperative = true, Neighborhood = 3, Walls = CorridorWalls.Free });
        // The records have actions in the order of the actuators, this task in that of the legs.
        RecordedMotion.Follow(ant, GoldenFiles.Read(path), (record, where) =>
        {
            var expected = record.GetProperty("mas3ac_noncoop8");
            double? tolerance = record.NumberOrNull("tol_reward");
            double fallen = record.GetProperty("done").GetBoolean() ? 1 : 0;
            Numeric.AssertWithin(ant.Rewards, expected.Numbers("reward_agent"), tolerance, $"{where}: rewards");
            Numeric.AssertWithin(ant.Costs, [.. expected.Numbers("barrier_leg").SelectMany(b => new[] { b, b }).Select(b => Math.Max(fallen, -b))], tolerance, $"{where}: costs");
        }, recorded => [.. recorded[2..], .. recorded[..2]]);
    }

    [TestCase("2x4", null, 31)]
    [TestCase("4x2", null, 33)]
    [TestCase("8x1", null, 37)]
    [TestCase("8x1", 3, 27)]
    public void Spec_OfTheBenchmarks_HasTheirSizes(string partition, int? neighborhood, int observation)
    {
        using var ant = new SafeAnt(AgentPartition.Parse(partition), new SafeAntOptions { Neighborhood = neighborhood });

        Assert.That(ant.Spec.Agents.Select(a => a.ObservationSize), Is.All.EqualTo(observation));
        Assert.That(ant.Spec.Agents[0].Costs[0].ReferenceLimit, Is.EqualTo(partition == "8x1" ? 70 : 50));
    }

    [TestCase(10, 5.7735026918962573)]
    [TestCase(20, 11.547005383792515)]
    [TestCase(30, 5.7735026918962573)]
    [TestCase(50, -5.7735026918962573)]
    [TestCase(90, 5.7735026918962573)]
    [TestCase(150, 11.547005383792515)]
    public void CenterLine_OfTheCorridor_FoldsAsPublished(double x, double y) => Assert.That(Corridor.CenterLine(x), Is.EqualTo(y).Within(1e-12));

    [TestCase("8x1", true)]
    [TestCase("4x2", false)]
    public void OwnState_OfTheWholeState_IsWhatAnAgentWithoutNeighborsSees(string partition, bool nonCooperative)
    {
        var options = new SafeAntOptions { Objective = AntObjective.KeepSpeed, NonCooperative = nonCooperative, StandardizeObservations = false };
        using var whole = new SafeAnt(AgentPartition.Parse(partition), options);
        using var own = new SafeAnt(AgentPartition.Parse(partition), options with { Neighborhood = 0 });
        StepMemory seen = new(whole.Spec, 1), seenOfOwn = new(own.Spec, 1);
        whole.Reset(4, seen[0]);
        own.Reset(4, seenOfOwn[0]);
        for (int agent = 0; agent < whole.Spec.Agents.Count; agent++)
        {
            float[] state = seen[0].Observation(agent).ToArray();
            Assert.That(whole.Spec.Agents[agent].OwnState.Select(i => state[i]), Is.EquivalentTo(seenOfOwn[0].Observation(agent).ToArray()));
        }
    }

    [Test]
    public void Observation_WithNeighbors_HoldsTheirJointsInTheOrderOfTheLegs()
    {
        using var ant = new SafeAnt(
            AgentPartition.Parse("8x1"), new SafeAntOptions { Objective = AntObjective.KeepSpeed, NonCooperative = true, Neighborhood = 1, StandardizeObservations = false });
        var memory = new StepMemory(ant.Spec, 1);
        ant.Reset(3, memory[0]);
        ReadOnlySpan<double> q = ant.Simulation.Positions, v = ant.Simulation.Velocities;
        double[] first = [0, 0, q[7], v[6], q[8], v[7], .. q[2..7], .. v[..6], ant.State[27], ant.State[28]];

        Assert.That(memory[0].Observation(0).ToArray(), Is.EqualTo(first.Select(x => (float)x)));
    }

    [Test]
    public void NonCooperative_Running_IsRefused() =>
        Assert.That(() => new SafeAnt(AgentPartition.Parse("8x1"), new SafeAntOptions { NonCooperative = true }), Throws.ArgumentException.With.Message.Contains("KeepSpeed"));
}
