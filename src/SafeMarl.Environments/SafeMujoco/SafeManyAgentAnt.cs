using SafeMarl.Environments.Mujoco;

namespace SafeMarl.Environments.SafeMujoco;

/// <summary>
/// ManyAgent Ant of Safe MAMuJoCo: a stiff bar of segments with two legs each in a corridor. Agents have consecutive segments, four joints in each, from the
/// head on. Fully cooperative. One step is 0.02 s. An episode terminates when the head leaves the heights from 0.2 to 1 m or the robot falls on
/// its back; that costs 1.
/// </summary>
/// <remarks>
/// <para>Agents act in [-1, 1] per joint: hip and ankle of the left leg, then of the right one, of each segment.</para>
/// <para>v being the speed of the head along x: reward <c>v - 0.5 |a|^2 - 0.0005 (contact forces) + 1</c>; cost 1 while the head is within 1.8 m of a line 4.5 m from
/// the centre line along y. Those lines fold at x = 20, 60 and 100 as the ant's do, although the published walls are straight and end at 17 m.</para>
/// <para>State: height, orientation, joint positions, all velocities, x / 5, and y from the centre line: 61 numbers with six segments, 77 with eight. The published
/// task has 9 and 25 of them (<see cref="ManyAgentAntObservation.AsPublished"/>). An agent sees the state with which agent it is.</para>
/// </remarks>
public sealed class SafeManyAgentAnt : MujocoTask
{
    private const int Substeps = 4, RootPositions = 7, RootVelocities = 6, FewestSegments = 6;
    private const int WallsCut = 4, PositionsOfWall = 7, VelocitiesOfWall = 6; // the published slices end this many walls too early
    private const double StepSeconds = 0.02;

    private readonly SafeManyAgentAntOptions _options;
    private readonly Sizes _sizes;
    private readonly CorridorAnt _ant;
    private readonly double[] _controls, _observation;

    /// <summary>Makes the task: "2x3", "3x2", "6x1", "2x4", "4x2" or "8x1" in the published benchmarks.</summary>
    /// <param name="partition">Agents and segments of each; six segments in all or more.</param>
    /// <param name="options">Null: the published task.</param>
    /// <exception cref="MujocoUnavailableException">MuJoCo is not there.</exception>
    /// <exception cref="ArgumentException">There are fewer than six segments, or an option is none of its choices.</exception>
    public SafeManyAgentAnt(AgentPartition partition, SafeManyAgentAntOptions? options = null)
        : this(partition, options ??= new SafeManyAgentAntOptions(), Sizes.Of(Checked(partition, options), options.Observation)) { }

    private SafeManyAgentAnt(AgentPartition partition, SafeManyAgentAntOptions options, Sizes sizes) : this(partition, options, sizes, Model(sizes.Segments, options.Walls)) { }

    private SafeManyAgentAnt(AgentPartition partition, SafeManyAgentAntOptions options, Sizes sizes, MujocoModel model)
        : base(SpecOf(partition, options, sizes), model, options.OnDivergence, noisyPositions: 2 + sizes.Positions, noisyVelocities: sizes.Velocities,
            new Pushes(model, options.Disturbance, [ManyAgentAntModel.Torso(sizes.Segments / 2)], robot: ManyAgentAntModel.Torso(0)))
    {
        (_options, _sizes) = (options, sizes);
        _ant = new CorridorAnt(Simulation, ManyAgentAntModel.HalfWidth);
        _controls = new double[model.ControlCount];
        _observation = new double[Spec.Agents[0].ObservationSize];
    }

    /// <inheritdoc/>
    internal override bool Advance(ReadOnlySpan<double> action)
    {
        for (int i = 0; i < action.Length; i++)
            _controls[i] = Math.Clamp(action[i], -1, 1);
        double before = _ant.X;
        Simulation.Step(_controls, Substeps);
        UpdateState();
        bool fallen = _ant.HasFallen;
        Array.Fill(Costs, _ant.IsNearWall || fallen ? 1 : 0);
        Array.Fill(Rewards, _ant.RewardOfRunning((_ant.X - before) / StepSeconds, SpanSum.OfSquares(action)));
        return fallen;
    }

    private protected override void UpdateState() => _ant.WriteState(_sizes.Positions, _sizes.Velocities, StateValues);

    private protected override void Observe(int agent, Span<float> observation)
    {
        WriteStateOf(agent, _observation);
        Write(_observation, _options.StandardizeObservations, observation);
    }

    private static AgentPartition Checked(AgentPartition partition, SafeManyAgentAntOptions options)
    {
        ArgumentNullException.ThrowIfNull(partition);
        Check(partition, neighborhood: null, options.Walls, options.Observation, options.Disturbance, options.OnDivergence);
        long segments = (long)partition.Agents * partition.PartsPerAgent;
        if (segments is < FewestSegments or > int.MaxValue / ManyAgentAntModel.JointsPerSegment)
            throw new ArgumentException($"{nameof(SafeManyAgentAnt)} has {FewestSegments} segments or more, but {partition} shares out {segments}. Published: 2x3, 3x2, 6x1, 2x4, 4x2, 8x1.", nameof(partition));
        return partition.Covering((int)segments, nameof(SafeManyAgentAnt));
    }

    private static MujocoModel Model(int segments, CorridorWalls walls) => MujocoModel.Shared(
        ManyAgentAntModel.Document(segments, walls, MujocoLibrary.Default.Version), model => CorridorAnt.Declare(model, ManyAgentAntModel.Torso(0)));

    private static EnvironmentSpec SpecOf(AgentPartition partition, SafeManyAgentAntOptions options, Sizes sizes)
    {
        int joints = ManyAgentAntModel.JointsPerSegment * partition.PartsPerAgent;
        CostChannel[] costs = [new("corridor", sizes.Segments switch { 6 => 25, 8 => 80, _ => null })];
        return new EnvironmentSpec(
            $"SafeManyAgentAnt-{partition}",
            [.. Enumerable.Range(0, partition.Agents).Select(i => new AgentSpec(
                $"agent_{i}", sizes.State + partition.Agents, ActionSpace.Box(joints, -1, 1), costs, partition.Chain(i),
                CorridorAnt.OwnInState(sizes.Positions, sizes.Velocities, [.. Enumerable.Range(i * joints, joints)])))],
            options.EpisodeLength, sizes.State, sharedReward: true, sharedCosts: true, hasDisturbance: options.Disturbance != Disturbance.None);
    }

    /// <summary>How much of the robot is seen.</summary>
    /// <param name="Segments">Segments of the robot.</param>
    /// <param name="Positions">Positions in the state; x and y are not among them.</param>
    /// <param name="Velocities">Velocities in the state.</param>
    private sealed record Sizes(int Segments, int Positions, int Velocities)
    {
        public int State => Positions + Velocities + CorridorAnt.PlaceSize;

        public static Sizes Of(AgentPartition partition, ManyAgentAntObservation observation)
        {
            int segments = partition.Agents * partition.PartsPerAgent, joints = ManyAgentAntModel.JointsPerSegment * segments;
            int cut = observation == ManyAgentAntObservation.AsPublished ? WallsCut : 0;
            return new Sizes(segments, RootPositions - 2 + joints - cut * PositionsOfWall, RootVelocities + joints - cut * VelocitiesOfWall);
        }
    }
}
