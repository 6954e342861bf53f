using SafeMarl.Environments.Mujoco;

namespace SafeMarl.Environments.SafeMujoco;

/// <summary>
/// Two half cheetahs side by side, tied to each other by a tendon, behind a moving wall. Agents share out the twelve joints in the order of
/// the model: bthigh, bshin, bfoot, fthigh, fshin, ffoot of the first cheetah, then of the second. One step is 0.05 s; no termination.
/// </summary>
/// <remarks>
/// <para>With <see cref="CheetahObjective.KeepDistance"/> (MAS3AC, appendix H.3, H.4 and J.2), d_i being the distance of cheetah i behind the wall.
/// Cooperative, d their mean: reward <c>-0.1 |d - 12| - 0.1 |a|^2 + 3 [10 &lt;= d &lt;= 14]</c>, cost <c>sum_i max(0, 11 - d_i)</c>, deviation <c>0.1 |d - 12|</c>.
/// Non-cooperative: the same of an agent's own cheetah and own actions, cost <c>max(0, 11 - d_i)</c>, and -0.05 for the cheetah that trails.</para>
/// <para>With <see cref="CheetahObjective.Run"/> (Safe MAMuJoCo): reward the mean of the cheetahs' speeds minus 0.1 times their squared actions; cost 1 while
/// either is within 5 m of the moving wall along x or of its side wall across. With <see cref="CoupledGeometry.WallAhead"/> the side walls are nearer
/// than that, and the published cost is 1 in every step.</para>
/// <para>State (38 numbers): joint positions without the first torso's x, all velocities but the wall's, wall speed, wall force, and the first cheetah's
/// distance to the wall divided by 10 and clipped to [-5, 5]. An agent sees it with which agent it is; or, with a neighbourhood of k, positions and
/// velocities of the joints of agents i-k to i+k (zeros beyond the ends), then of its own body: height, pitch, three velocities, wall speed, wall force
/// and scaled distance.</para>
/// </remarks>
public sealed class CoupledHalfCheetah : MujocoTask
{
    private const int Bodies = 2, StateSize = 38, BodyFeatures = 8, Substeps = 5;
    private const int WallPosition = 0, BodyStride = 9, RootX = 1, FirstJoint = 4; // in qpos and qvel: wall, then rootx, rootz, rooty and six joints of each
    private const double StepSeconds = 0.05, ControlCost = 0.1, SafeDistance = 11, NearestOfBand = 10, TrailingPenalty = 0.05, PublishedDistance = 5;

    private readonly CoupledHalfCheetahOptions _options;
    private readonly AgentPartition _partition;
    private readonly double[] _controls, _squares, _before, _observation;
    private readonly int[] _joints; // address of each action's joint, in positions and velocities alike

    /// <summary>Makes the task, "2x6" cooperative or "6x2" and "12x1" non-cooperative in MAS3AC's benchmarks.</summary>
    /// <param name="partition">Agents and joints of each; any that covers the twelve joints. Where signals are an agent's own, no agent may have joints of both cheetahs.</param>
    /// <param name="options">Null: the cooperative task.</param>
    /// <exception cref="MujocoUnavailableException">MuJoCo is not there.</exception>
    /// <exception cref="ArgumentException">The partition does not fit, or non-cooperative running is asked for, which nobody defined.</exception>
    public CoupledHalfCheetah(AgentPartition partition, CoupledHalfCheetahOptions? options = null)
        : this(Checked(partition, options ??= new CoupledHalfCheetahOptions()), options, Model(options.Geometry)) { }

    private CoupledHalfCheetah(AgentPartition partition, CoupledHalfCheetahOptions options, MujocoModel model)
        : base(SpecOf(partition, options), model, options.OnDivergence, model.PositionCount, model.VelocityCount,
            new Pushes(model, options.Disturbance, CoupledHalfCheetahModel.Suffixes.Select(suffix => CheetahParts.Torso + suffix)))
    {
        (_partition, _options) = (partition, options);
        _controls = new double[model.ControlCount];
        _squares = new double[partition.Agents];
        _before = new double[Bodies];
        _joints = [.. Enumerable.Range(0, Bodies * CheetahParts.JointCount).Select(i => FirstJoint + i / CheetahParts.JointCount * BodyStride + i % CheetahParts.JointCount)];
        _observation = new double[Spec.Agents[0].ObservationSize];
    }

    private double WallX => Simulation.Features[0];

    /// <inheritdoc/>
    internal override bool Advance(ReadOnlySpan<double> action)
    {
        Array.Clear(_squares);
        for (int i = 0; i < action.Length; i++)
        {
            _controls[i] = Math.Clamp(action[i], -1, 1);
            _squares[i / _partition.PartsPerAgent] += action[i] * action[i];
        }
        _controls[^1] = CheetahParts.WallControl(Simulation.Time);
        for (int body = 0; body < Bodies; body++)
            _before[body] = TorsoX(body);
        Simulation.Step(_controls, Substeps);
        UpdateState();
        if (_options.Objective == CheetahObjective.Run)
            RewardRunning();
        else if (_options.NonCooperative)
            RewardEachForItsDistance();
        else
            RewardAllForTheirDistance();
        return false;
    }

    private void RewardRunning()
    {
        double run = 0;
        bool near = false;
        for (int body = 0; body < Bodies; body++)
        {
            run += (TorsoX(body) - _before[body]) / StepSeconds;
            double side = _options.Geometry == CoupledGeometry.WallAhead ? 4 : 7.3;
            near |= Math.Abs(Distance(body)) < PublishedDistance || Math.Abs((2 * body - 1) * side - TorsoY(body)) < PublishedDistance;
        }
        Array.Fill(Rewards, (run - ControlCost * SpanSum.Of(_squares)) / Bodies);
        Array.Fill(Costs, near ? 1 : 0);
    }

    private void RewardAllForTheirDistance()
    {
        double distance = (Distance(0) + Distance(1)) / Bodies, deviation = DistanceKeeping.Deviation(distance);
        Array.Fill(Rewards, DistanceKeeping.Bonus(distance, NearestOfBand) - deviation - ControlCost * SpanSum.Of(_squares));
        Array.Fill(Costs, Math.Max(0, SafeDistance - Distance(0)) + Math.Max(0, SafeDistance - Distance(1)));
        Array.Fill(Deviations, deviation);
    }

    private void RewardEachForItsDistance()
    {
        for (int agent = 0; agent < _squares.Length; agent++)
        {
            int body = BodyOf(agent);
            double distance = Distance(body), deviation = DistanceKeeping.Deviation(distance);
            double trailing = TorsoX(body) < TorsoX(1 - body) ? TrailingPenalty : 0;
            Rewards[agent] = DistanceKeeping.Bonus(distance, NearestOfBand) - deviation - ControlCost * _squares[agent] - trailing;
            Costs[agent] = Math.Max(0, SafeDistance - distance);
            Deviations[agent] = deviation;
        }
    }

    private protected override void UpdateState()
    {
        ReadOnlySpan<double> positions = Simulation.Positions, velocities = Simulation.Velocities;
        positions[2..].CopyTo(StateValues);
        velocities[1..].CopyTo(StateValues.AsSpan(17));
        StateValues[35] = velocities[WallPosition];
        StateValues[36] = CheetahParts.WallControl(Simulation.Time);
        StateValues[37] = ScaledDistance(body: 0);
    }

    private protected override void Observe(int agent, Span<float> observation)
    {
        if (_options.Neighborhood is { } k)
            ObserveNeighbors(agent, k, _observation);
        else
            WriteStateOf(agent, _observation);
        Write(_observation, _options.StandardizeObservations, observation);
    }

    private void ObserveNeighbors(int agent, int k, Span<double> observation)
    {
        WriteJointsOfNeighbors(agent, k, _partition, _joints, _joints, observation);
        int root = RootX + BodyOf(agent) * BodyStride;
        Span<double> body = observation[^BodyFeatures..];
        Simulation.Positions.Slice(root + 1, 2).CopyTo(body); // rootz, rooty
        Simulation.Velocities.Slice(root, 3).CopyTo(body[2..]);
        (body[5], body[6], body[7]) = (StateValues[35], StateValues[36], ScaledDistance(BodyOf(agent)));
    }

    private protected override int TorsoOf(int agent) => _options.NonCooperative ? BodyOf(agent) : -1;

    private double TorsoX(int body) => Simulation.Features[3 + 3 * body];

    private double TorsoY(int body) => Simulation.Features[4 + 3 * body];

    private double Distance(int body) => WallX - TorsoX(body);

    private double ScaledDistance(int body) => Math.Clamp((WallX - Simulation.Positions[RootX + body * BodyStride]) / 10, -5, 5);

    private int BodyOf(int agent) => agent * _partition.PartsPerAgent / CheetahParts.JointCount;

    private static AgentPartition Checked(AgentPartition partition, CoupledHalfCheetahOptions options)
    {
        ArgumentNullException.ThrowIfNull(partition);
        partition.Covering(Bodies * CheetahParts.JointCount, nameof(CoupledHalfCheetah));
        Check(partition, options.Neighborhood, options.Objective, options.Geometry, options.Disturbance, options.OnDivergence);
        bool own = options.NonCooperative || options.Neighborhood is not null;
        if (own && CheetahParts.JointCount % partition.PartsPerAgent != 0)
            throw new ArgumentException($"With {partition} an agent has joints of both cheetahs, and no body of its own; use 2x6, 4x3, 6x2 or 12x1.", nameof(partition));
        if (options.NonCooperative && options.Objective == CheetahObjective.Run)
            throw new ArgumentException($"{nameof(CheetahObjective.Run)} is a cooperative objective.", nameof(options));
        return partition;
    }

    private static MujocoModel Model(CoupledGeometry geometry) => MujocoModel.Shared(CoupledHalfCheetahModel.Document(geometry), model =>
    {
        model.Declare(MujocoFeature.GeomPosition, model.Find("geom", CheetahParts.WallGeom));
        foreach (string suffix in CoupledHalfCheetahModel.Suffixes)
            model.Declare(MujocoFeature.BodyPosition, model.Find("body", CheetahParts.Torso + suffix));
    });

    private static EnvironmentSpec SpecOf(AgentPartition partition, CoupledHalfCheetahOptions options)
    {
        bool keepsDistance = options.Objective == CheetahObjective.KeepDistance;
        int observation = options.Neighborhood is { } k ? (2 * k + 1) * 2 * partition.PartsPerAgent + BodyFeatures : StateSize + partition.Agents;
        CostChannel[] costs = [new("wall")];
        return new EnvironmentSpec(
            $"{(keepsDistance ? "DistanceKeeping" : "")}CoupledHalfCheetah-{partition}{(options.Geometry == CoupledGeometry.WallBehind ? "-behind" : "")}",
            [.. Enumerable.Range(0, partition.Agents).Select(i => new AgentSpec(
                $"agent_{i}", observation, ActionSpace.Box(partition.PartsPerAgent, -1, 1), costs, partition.Chain(i),
                options.Neighborhood is { } n ? OwnAmongNeighbors(n, partition, BodyFeatures) : OwnInState(i, partition)))],
            options.EpisodeLength, StateSize, sharedReward: !options.NonCooperative, sharedCosts: !options.NonCooperative, hasDeviation: keepsDistance,
            hasDisturbance: options.Disturbance != Disturbance.None);
    }

    // What is known of the wall, and of each cheetah that the agent has joints of: height, pitch, three velocities, and those joints.
    private static int[] OwnInState(int agent, AgentPartition partition)
    {
        (int Height, int Joints, int RootVelocities, int JointVelocities)[] places = [(0, 2, 17, 20), (9, 11, 26, 29)];
        int[] joints = [.. Enumerable.Range(agent * partition.PartsPerAgent, partition.PartsPerAgent)];
        return [.. joints.GroupBy(j => j / CheetahParts.JointCount, j => j % CheetahParts.JointCount).SelectMany(body =>
        {
            var place = places[body.Key];
            return (int[])[place.Height, place.Height + 1, .. body.Select(j => place.Joints + j),
                .. Enumerable.Range(place.RootVelocities, 3), .. body.Select(j => place.JointVelocities + j)];
        }), 35, 36, 37];
    }
}
