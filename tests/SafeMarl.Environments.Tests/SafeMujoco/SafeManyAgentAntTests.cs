using System.Text.Json;
using SafeMarl.Environments.Mujoco;
using SafeMarl.Environments.SafeMujoco;

namespace SafeMarl.Environments.Tests.SafeMujoco;

public sealed class SafeManyAgentAnt2x3Tests : EnvironmentContractTests
{
    protected override IMultiAgentEnvironment Create() => new SafeManyAgentAnt(AgentPartition.Parse("2x3"), new SafeManyAgentAntOptions { EpisodeLength = 50 });
}

public sealed class SafeManyAgentAnt3x2DisturbedTests : EnvironmentContractTests
{
    protected override IMultiAgentEnvironment Create() =>
        new SafeManyAgentAnt(AgentPartition.Parse("3x2"), new SafeManyAgentAntOptions { EpisodeLength = 30, Disturbance = Disturbance.Strong });
}

public sealed class SafeManyAgentAnt6x1AmongFreeWallsTests : EnvironmentContractTests
{
    protected override IMultiAgentEnvironment Create() => new SafeManyAgentAnt(AgentPartition.Parse("6x1"), new SafeManyAgentAntOptions { EpisodeLength = 10, Walls = CorridorWalls.Free });
}

public sealed class SafeManyAgentAnt2x4AmongStaticWallsTests : EnvironmentContractTests
{
    protected override IMultiAgentEnvironment Create() => new SafeManyAgentAnt(AgentPartition.Parse("2x4"), new SafeManyAgentAntOptions { EpisodeLength = 20, Walls = CorridorWalls.Static });
}

public sealed class SafeManyAgentAnt4x2SeenAsAWholeTests : EnvironmentContractTests
{
    protected override IMultiAgentEnvironment Create() => new SafeManyAgentAnt(
        AgentPartition.Parse("4x2"), new SafeManyAgentAntOptions { EpisodeLength = 20, Observation = ManyAgentAntObservation.Full, StandardizeObservations = false });
}

public sealed class SafeManyAgentAnt8x1Tests : EnvironmentContractTests
{
    protected override IMultiAgentEnvironment Create() => new SafeManyAgentAnt(AgentPartition.Parse("8x1"), new SafeManyAgentAntOptions { EpisodeLength = 20 });
}

public sealed class SafeManyAgentAntTests
{
    private const int JointsPerSegment = 4;

    private static IEnumerable<TestCaseData> ManyAgentAnts() => GoldenFiles.Cases("physics", "manyagent_ant");

    [TestCaseSource(nameof(ManyAgentAnts))]
    [Category("Golden")]
    public void ManyAgentAnt_AsPublished_ReportsThePublishedSignals(string path)
    {
        JsonElement golden = GoldenFiles.Read(path);
        foreach (string partition in PartitionsOf(golden))
        {
            using var ant = Create(partition, new SafeManyAgentAntOptions { Walls = CorridorWalls.Free });
            bool over = false;
            RecordedMotion.Follow(ant, golden, (record, where) =>
            {
                where = $"{partition}, {where}";
                Numeric.AssertWithin(ant.Simulation.Positions, record.Numbers("qpos"), record.NumberOrNull("tol_qpos"), $"{where}: qpos");
                Numeric.AssertWithin(ant.Simulation.Velocities, record.Numbers("qvel"), record.NumberOrNull("tol_qvel"), $"{where}: qvel");
                Numeric.AssertWithin(ant.Rewards, [.. ant.Rewards.Select(_ => record.Number("reward"))], record.NumberOrNull("tol_reward"), $"{where}: reward");
                Numeric.AssertWithin(ant.State, record.Numbers("obs_state"), record.NumberOrNull("tol_qvel"), $"{where}: state");
                Assert.That(ant.Simulation.Time, Is.EqualTo(record.Number("time")).Within(1e-9), $"{where}: time");
                if (record.NumberOrNull("tol_qpos") is not null)
                {
                    Assert.That(ant.Costs, Is.All.EqualTo(record.Number("cost")), $"{where}: cost");
                    Assert.That(over, Is.EqualTo(record.GetProperty("done").GetBoolean()), $"{where}: done");
                }
            }, afterStep: fallen => over = fallen);
        }
    }

    [TestCaseSource(nameof(ManyAgentAnts))]
    [Category("Golden")]
    public void ManyAgentAnt_SeenAsAWhole_HasTheRecordedRobotInItsState(string path)
    {
        JsonElement golden = GoldenFiles.Read(path);
        using var ant = Create(PartitionsOf(golden)[0], new SafeManyAgentAntOptions { Walls = CorridorWalls.Free, Observation = ManyAgentAntObservation.Full });
        int joints = golden.GetProperty("n_action").GetInt32();
        RecordedMotion.Follow(ant, golden, (record, where) =>
        {
            double[] q = record.Numbers("qpos"), v = record.Numbers("qvel"), published = record.Numbers("obs_state");
            double[] expected = [.. q[2..(7 + joints)], .. v[..(6 + joints)], .. published[^2..]];
            Numeric.AssertWithin(ant.State, expected, record.NumberOrNull("tol_qvel"), $"{where}: state");
            Numeric.AssertWithin([ant.Rewards[0]], [record.Number("reward")], record.NumberOrNull("tol_reward"), $"{where}: reward");
        });
    }

    [TestCase("2x3", 12, 11, 63, 25)]
    [TestCase("3x2", 8, 12, 64, 25)]
    [TestCase("6x1", 4, 15, 67, 25)]
    [TestCase("2x4", 16, 27, 79, 80)]
    [TestCase("4x2", 8, 29, 81, 80)]
    [TestCase("8x1", 4, 33, 85, 80)]
    public void Spec_OfTheBenchmarks_HasTheirSizesAndLimits(string partition, int actions, int published, int full, double limit)
    {
        using var ant = Create(partition);
        using var whole = Create(partition, new SafeManyAgentAntOptions { Observation = ManyAgentAntObservation.Full });

        Assert.Multiple(() =>
        {
            Assert.That(ant.Spec.Name, Is.EqualTo($"SafeManyAgentAnt-{partition}"));
            Assert.That(ant.Spec.Agents.Select(a => a.ActionSpace.Size), Is.All.EqualTo(actions));
            Assert.That(ant.Spec.Agents.Select(a => a.ObservationSize), Is.All.EqualTo(published));
            Assert.That(whole.Spec.Agents.Select(a => a.ObservationSize), Is.All.EqualTo(full));
            Assert.That(ant.Spec.Agents[0].Costs[0].ReferenceLimit, Is.EqualTo(limit));
            Assert.That(ant.Spec.EpisodeLength, Is.EqualTo(1000));
        });
    }

    [TestCase("2x3", ManyAgentAntObservation.AsPublished, 3, 6)]
    [TestCase("2x4", ManyAgentAntObservation.AsPublished, 11, 14)]
    [TestCase("2x3", ManyAgentAntObservation.Full, 31, 30)]
    [TestCase("2x4", ManyAgentAntObservation.Full, 39, 38)]
    public void Reset_BeginsWithNoiseWhereTheRobotIsSeen(string partition, ManyAgentAntObservation observation, int positions, int velocities)
    {
        using var ant = Create(partition, new SafeManyAgentAntOptions { Observation = observation, Walls = CorridorWalls.Free });
        var memory = new StepMemory(ant.Spec, 1);
        ant.Reset(4, memory[0]);
        bool[] noisy = [.. ant.Simulation.Positions.ToArray().Zip(ant.Simulation.Model.InitialPositions.ToArray(), (q, initial) => q != initial)];

        Assert.That(noisy, Is.EqualTo(noisy.Select((_, i) => i < positions)), "positions");
        Assert.That(ant.Simulation.Velocities.ToArray().Select(v => v != 0), Is.EqualTo(ant.Simulation.Velocities.ToArray().Select((_, i) => i < velocities)), "velocities");
    }

    [Test]
    public void Observation_AsPublished_IsTheStateWithTheAgentScaledByItsOwnStatistics()
    {
        using var ant = Create("3x2");
        var memory = new StepMemory(ant.Spec, 1);
        ant.Reset(4, memory[0]);
        double[] raw = [.. ant.State.ToArray(), 0, 1, 0];
        double mean = raw.Average(), std = Math.Sqrt(raw.Select(x => (x - mean) * (x - mean)).Average());

        Assert.That(memory[0].Observation(1).ToArray(), Is.EqualTo(raw.Select(x => (float)((x - mean) / std))).Within(1e-6f));
        Assert.That(memory[0].State.ToArray(), Is.EqualTo(ant.State.ToArray().Select(x => (float)x)));
    }

    [Test]
    public void OwnState_OfTheWholeRobot_IsItsHeadAndTheAgentsSegments()
    {
        using var ant = Create("3x2", new SafeManyAgentAntOptions { Observation = ManyAgentAntObservation.Full, StandardizeObservations = false });
        var memory = new StepMemory(ant.Spec, 1);
        ant.Reset(4, memory[0]);
        float[] seen = memory[0].Observation(1).ToArray();
        ReadOnlySpan<double> q = ant.Simulation.Positions, v = ant.Simulation.Velocities;
        // Agent 1 has the third and fourth segments.
        double[] own = [.. q[2..7], .. q[15..23], .. v[..6], .. v[14..22], q[0] / 5, q[1] - Corridor.CenterLine(q[0])];

        Assert.That(ant.Spec.Agents[1].OwnState.Select(i => seen[i]), Is.EqualTo(own.Select(x => (float)x)));
    }

    [TestCase("2x3", 6, 0)]
    [TestCase("2x4", 14, 4)]
    public void OwnState_AsPublished_IsWhatIsLeftOfTheAgentsRobot(string partition, int velocities, int joints)
    {
        using var ant = Create(partition);
        int positions = ant.Spec.StateSize - velocities - 2, segmentsOfFirst = int.Parse(partition[2..]);

        Assert.That(ant.Spec.Agents[0].OwnState, Is.EqualTo(Enumerable.Range(0, ant.Spec.StateSize)), "all that is seen of a robot is its head");
        Assert.That(ant.Spec.Agents[1].OwnState, Has.Count.EqualTo(positions - joints + 6 + 2), $"none of the joints behind the first {segmentsOfFirst} segments");
    }

    [Test]
    public void WithoutWalls_MovesAsAmongFreeOnesUntilItTouchesOne()
    {
        using var alone = Create("2x3");
        using var among = Create("2x3", new SafeManyAgentAntOptions { Walls = CorridorWalls.Free });
        var (first, second) = Play(alone, among, steps: 50);

        Numeric.AssertClose(first, second, 1e-9, "positions of the robot");
    }

    [Test]
    public void EightSegments_AmongFreeWalls_AreTouchedAtTheirTail()
    {
        using var alone = Create("2x4");
        using var among = Create("2x4", new SafeManyAgentAntOptions { Walls = CorridorWalls.Free });
        var (first, second) = Play(alone, among, steps: 50);
        double apart = first.Zip(second, (a, b) => Math.Abs(a - b)).Max();

        // The published corridor's wall stands where the tail is, but weighs a milligram.
        Assert.That(apart, Is.GreaterThan(0).And.LessThan(0.05));
    }

    [TestCase(0.1, 1)]
    [TestCase(0.19, 1)]
    [TestCase(1.3, 1)]
    public void Head_OutsideItsHeights_TerminatesAtACost(double height, double cost)
    {
        using var ant = Create("2x3");
        var memory = new StepMemory(ant.Spec, 1);
        double[] positions = [.. ant.Simulation.Model.InitialPositions];
        positions[2] = height;
        ant.Begin(positions, new double[ant.Simulation.Model.VelocityCount], memory[0]);

        Assert.That(ant.Step(new float[24], memory[0]), Is.EqualTo(EpisodeStatus.Terminated));
        Assert.That((memory[0].Cost(0), memory[0].Cost(1)), Is.EqualTo(((float)cost, (float)cost)));
    }

    [TestCase(0, 0)]
    [TestCase(2.6, 0)]
    [TestCase(2.8, 1)]
    [TestCase(-2.8, 1)]
    public void Cost_OfTheHeadsDistanceAlongY_IsThePublishedOne(double y, double cost)
    {
        using var ant = Create("6x1");
        var memory = new StepMemory(ant.Spec, 1);
        double[] positions = [.. ant.Simulation.Model.InitialPositions];
        (positions[0], positions[1]) = (10, 10 * Math.Tan(Math.PI / 6) + y);
        ant.Begin(positions, new double[ant.Simulation.Model.VelocityCount], memory[0]);
        ant.Step(new float[24], memory[0]);

        Assert.That(memory[0].Cost(5), Is.EqualTo((float)cost), "4.5 m to the wall, 1.8 of them unsafe");
    }

    [Test]
    public void Action_OfAnAgent_MovesItsOwnSegments()
    {
        using var ant = Create("3x2");
        var memory = new StepMemory(ant.Spec, 1);
        ant.Begin([.. ant.Simulation.Model.InitialPositions], new double[ant.Simulation.Model.VelocityCount], memory[0]);
        ant.Step(new float[24], memory[0]);
        double[] still = [.. ant.Simulation.Velocities];
        ant.Begin([.. ant.Simulation.Model.InitialPositions], new double[ant.Simulation.Model.VelocityCount], memory[0]);
        var action = new float[24];
        Array.Fill(action, -1f, 8, 8); // the second agent's, bending its ankles the way that their limits let them
        ant.Step(action, memory[0]);
        int[] moved = [.. Enumerable.Range(0, 24).Where(j => Math.Abs(ant.Simulation.Velocities[6 + j] - still[6 + j]) > 0.1)];

        Assert.That(moved, Is.EqualTo(Enumerable.Range(2 * JointsPerSegment, 2 * JointsPerSegment)));
    }

    [Test]
    public void LongRobot_OnItsBelly_HasRoomForAllOfItsContacts()
    {
        using var ant = Create("20x1");
        var memory = new StepMemory(ant.Spec, 1);
        int most = 0, overflows = 0;
        for (int seed = 0; seed < 3; seed++)
        {
            ant.Reset(seed, memory[0]);
            for (int step = 0; step < 30 && ant.Step(new float[80], memory[0]) == EpisodeStatus.Running; step++)
                (most, overflows) = (Math.Max(most, ant.Simulation.Contacts), overflows + ant.Simulation.Overflows);
        }

        Assert.That(most, Is.GreaterThan(200), "more than the published model has room for");
        Assert.That(overflows, Is.Zero);
    }

    [TestCase("2x2")]
    [TestCase("5x1")]
    public void Partition_OfFewerThanSixSegments_ListsThePublishedOnes(string partition) =>
        Assert.That(() => Create(partition), Throws.ArgumentException.With.Message.Contains(partition).And.Message.Contains("8x1"));

    [TestCase("100000x100000")]
    [TestCase("2x3d")]
    public void Partition_ThatCannotBe_IsRefused(string partition) => Assert.That(() => Create(partition), Throws.ArgumentException.With.Message.Contains(partition));

    [Test]
    public void Option_ThatDoesNotExist_ListsThoseThatDo() => Assert.That(
        () => Create("2x3", new SafeManyAgentAntOptions { Observation = (ManyAgentAntObservation)7 }), Throws.ArgumentException.With.Message.Contains("AsPublished, Full"));

    private static (double[] First, double[] Second) Play(SafeManyAgentAnt first, SafeManyAgentAnt second, int steps)
    {
        StepMemory memory = new(first.Spec, 1), memoryOfSecond = new(second.Spec, 1);
        first.Reset(4, memory[0]);
        second.Reset(4, memoryOfSecond[0]);
        for (int step = 0; step < steps; step++)
        {
            float[] action = [.. Enumerable.Range(0, first.Spec.Layout.ActionSize).Select(j => (float)(0.5 * Math.Sin(0.1 * step * (j + 1) + j)))];
            first.Step(action, memory[0]);
            second.Step(action, memoryOfSecond[0]);
        }
        int robot = 7 + first.Spec.Layout.ActionSize;
        return (first.Simulation.Positions[..robot].ToArray(), second.Simulation.Positions[..robot].ToArray());
    }

    private static string[] PartitionsOf(JsonElement golden) => (golden.GetProperty("n_action").GetInt32() / JointsPerSegment) switch
    {
        6 => ["2x3", "3x2", "6x1"],
        8 => ["2x4", "4x2", "8x1"],
        int other => throw new ArgumentException($"The published tasks have six or eight segments, not {other}."),
    };

    private static SafeManyAgentAnt Create(string partition, SafeManyAgentAntOptions? options = null) => new(AgentPartition.Parse(partition), options);
}
