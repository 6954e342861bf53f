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

public sealed class SafeAntOnItsDiagonalsTests : EnvironmentContractTests
{
    protected override IMultiAgentEnvironment Create() => new SafeAnt(
        AgentPartition.Parse("2x4d"), new SafeAntOptions { EpisodeLength = 30, Partition = JointAssignment.AsDeclared, Walls = CorridorWalls.Static, StandardizeObservations = false });
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
    public void Ant_WithJointsAsDeclared_MovesAlikeByTheSameMotors(string path)
    {
        // The recorded order has the legs 4, 1, 2, 3.
        foreach ((string partition, int[] legs) in new[] { ("2x4", [1, 2, 3, 0]), ("2x4d", [1, 3, 2, 0]), ("4x2", [1, 2, 3, 0]), ("8x1", new[] { 1, 2, 3, 0 }) })
        {
            using var ant = new SafeAnt(AgentPartition.Parse(partition), new SafeAntOptions { Walls = CorridorWalls.Free, Partition = JointAssignment.AsDeclared });
            RecordedMotion.Follow(ant, GoldenFiles.Read(path), (record, where) =>
            {
                Numeric.AssertWithin([ant.Rewards[0]], [record.Number("reward")], record.NumberOrNull("tol_reward"), $"{partition}, {where}: reward");
                Numeric.AssertWithin(ant.State, record.Numbers("obs_state"), record.NumberOrNull("tol_qvel"), $"{partition}, {where}: state");
            }, recorded => [.. legs.SelectMany(leg => recorded[(2 * leg)..(2 * leg + 2)])]);
        }
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
    [TestCase("2x4d", null, 31)]
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

    [TestCase("2x4", JointAssignment.AsPublished, new[] { 3, 0 })]
    [TestCase("2x4d", JointAssignment.AsPublished, new[] { 3, 0 })]
    [TestCase("2x4", JointAssignment.AsDeclared, new[] { 0, 1 })]
    [TestCase("2x4d", JointAssignment.AsDeclared, new[] { 0, 2 })]
    [TestCase("4x2", JointAssignment.AsPublished, new[] { 3 })]
    [TestCase("4x2", JointAssignment.AsDeclared, new[] { 0 })]
    public void Action_OfTheFirstAgent_MovesTheLegsOfItsPartition(string partition, JointAssignment assignment, int[] legs)
    {
        using var ant = new SafeAnt(AgentPartition.Parse(partition), new SafeAntOptions { Partition = assignment, StandardizeObservations = false });
        var memory = new StepMemory(ant.Spec, 1);
        double[] Speeds(float push)
        {
            ant.Begin([.. ant.Simulation.Model.InitialPositions], new double[ant.Simulation.Model.VelocityCount], memory[0]);
            var action = new float[8];
            Array.Fill(action, push, 0, ant.Spec.Agents[0].ActionSpace.Size);
            ant.Step(action, memory[0]);
            return ant.Simulation.Velocities.ToArray();
        }
        double[] still = Speeds(0), moved = Speeds(0.5f);
        int[] joints = [.. legs.Order().SelectMany(leg => new[] { 2 * leg, 2 * leg + 1 })];

        Assert.That(Enumerable.Range(0, 8).Where(j => Math.Abs(moved[6 + j] - still[6 + j]) > 1), Is.EqualTo(joints));
        Assert.That(ant.Spec.Agents[0].OwnState.Where(i => i is >= 5 and < 13).Order(), Is.EqualTo(joints.Select(j => 5 + j)), "and it is told that they are its own");
    }

    [Test]
    public void Diagonals_AsPublished_AreTheSameTaskAsTwoHalves()
    {
        using var halves = new SafeAnt(AgentPartition.Parse("2x4"));
        using var diagonals = new SafeAnt(AgentPartition.Parse("2x4d"));
        StepMemory seen = new(halves.Spec, 1), seenOnDiagonals = new(diagonals.Spec, 1);
        halves.Reset(4, seen[0]);
        diagonals.Reset(4, seenOnDiagonals[0]);
        for (int step = 0; step < 20; step++)
        {
            float[] action = [.. Enumerable.Range(0, 8).Select(j => (float)Math.Sin(step + j))];
            halves.Step(action, seen[0]);
            diagonals.Step(action, seenOnDiagonals[0]);
        }

        Assert.That(seenOnDiagonals.Observations.ToArray(), Is.EqualTo(seen.Observations.ToArray()));
        Assert.That((halves.Spec.Name, diagonals.Spec.Name), Is.EqualTo(("SafeAnt-2x4", "SafeAnt-2x4d")));
    }

    [Test]
    public void Name_OfATaskWithJointsAsDeclared_SaysSo()
    {
        using var ant = new SafeAnt(AgentPartition.Parse("2x4d"), new SafeAntOptions { Partition = JointAssignment.AsDeclared });

        Assert.That(ant.Spec.Name, Is.EqualTo("SafeAnt-2x4d-declared"));
    }

    [TestCase("4x2d")]
    [TestCase("8x1d")]
    public void Partition_WithDiagonalsOfAnythingButHalves_IsRefused(string partition) =>
        Assert.That(() => new SafeAnt(AgentPartition.Parse(partition)), Throws.ArgumentException.With.Message.Contains(partition).And.Message.Contains(partition[..3]));

    [TestCase(CorridorWalls.Visual, false)]
    [TestCase(CorridorWalls.Free, false)]
    [TestCase(CorridorWalls.Static, true)]
    public void Walls_RunAgainst_HoldTheAntBackIfStatic(CorridorWalls walls, bool blocks)
    {
        using var ant = new SafeAnt(AgentPartition.Parse("2x4"), new SafeAntOptions { Walls = walls });
        var memory = new StepMemory(ant.Spec, 1);
        double[] velocities = new double[ant.Simulation.Model.VelocityCount];
        velocities[1] = 20; // towards the wall at y = 5
        ant.Begin([.. ant.Simulation.Model.InitialPositions], velocities, memory[0]);
        double farthest = 0, cost = 0;
        for (int step = 0; step < 40; step++)
        {
            ant.Advance(new double[8]);
            farthest = Math.Max(farthest, ant.Simulation.Positions[1] - Corridor.CenterLine(ant.Simulation.Positions[0]));
            cost += ant.Costs[0];
        }

        Assert.That(farthest > 5, Is.EqualTo(!blocks), $"it came to {farthest:F2} m of the centre line");
        Assert.That(cost, Is.GreaterThan(0), "being near the line costs in any case");
    }

    [Test]
    public void NonCooperative_Running_IsRefused() =>
        Assert.That(() => new SafeAnt(AgentPartition.Parse("8x1"), new SafeAntOptions { NonCooperative = true }), Throws.ArgumentException.With.Message.Contains("KeepSpeed"));
}
