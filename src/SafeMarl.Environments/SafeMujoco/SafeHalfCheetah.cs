using SafeMarl.Environments.Mujoco;

namespace SafeMarl.Environments.SafeMujoco;

/// <summary>
/// Safe HalfCheetah of Safe MAMuJoCo: agents share out the six joints of a planar cheetah, are rewarded for running and charged while they
/// are within 9 m of a moving wall. Fully cooperative; reward and cost are the same for every agent; no termination.
/// </summary>
/// <remarks>
/// <para>Agents act in [-1, 1] per joint, in the order bthigh, bshin, bfoot, fthigh, fshin, ffoot; with <see cref="JointAssignment.AsDeclared"/> in the order
/// bfoot, bshin, bthigh, ffoot, fshin, fthigh. One step is 0.05 s.</para>
/// <para>Reward: speed of the torso minus 0.1 times the squared actions. Cost: 1 while |wall - torso| &lt; 9 m along x, else 0.</para>
/// <para>With <see cref="CheetahObjective.KeepDistance"/> (MAS3AC, H.2), d being the distance behind the wall: reward
/// <c>-0.1 |d - 12| - 0.1 |a|^2 + 3 [7 &lt;= d &lt;= 14]</c>, cost <c>max(0, 9 - d)</c>, deviation <c>0.1 |d - 12|</c>.</para>
/// <para>State (20 numbers): joint positions without the torso's x, all velocities, wall speed, wall force, and the
/// distance to the wall divided by 10 and clipped to [-5, 5].</para>
/// </remarks>
public sealed class SafeHalfCheetah : MujocoTask
{
    private const int StateSize = 20, BodyFeatures = 8, Substeps = 5;
    private const int WallPosition = 0, TorsoX = 1, FirstJoint = 4; // in qpos and qvel: wall, rootx, rootz, rooty, six joints
    private const double StepSeconds = 0.05, SafeDistance = 9, ControlCost = 0.1;

    // The joint of each action in the order of the model.
    private static readonly int[] Published = [0, 1, 2, 3, 4, 5], Declared = [2, 1, 0, 5, 4, 3];

    private readonly SafeHalfCheetahOptions _options;
    private readonly AgentPartition _partition;
    private readonly double[] _controls, _observation;
    private readonly int[] _joints;

    /// <summary>Makes the task, "2x3", "3x2" or "6x1" in the published benchmarks.</summary>
    /// <param name="partition">Agents and joints of each; any that covers the six joints.</param>
    /// <param name="options">Null: the published task.</param>
    /// <exception cref="MujocoUnavailableException">MuJoCo is not there.</exception>
    public SafeHalfCheetah(AgentPartition partition, SafeHalfCheetahOptions? options = null) : this(Checked(partition, options ??= new SafeHalfCheetahOptions()), options, Model()) { }

    private SafeHalfCheetah(AgentPartition partition, SafeHalfCheetahOptions options, MujocoModel model)
        : base(SpecOf(partition, options), model, options.OnDivergence, model.PositionCount, model.VelocityCount, new Pushes(model, options.Disturbance, [CheetahParts.Torso]))
    {
        (_partition, _options, _joints) = (partition, options, JointsOfActions(options));
        _controls = new double[model.ControlCount];
        _observation = new double[Spec.Agents[0].ObservationSize];
    }

    private double WallX => Simulation.Features[0];

    /// <inheritdoc/>
    internal override bool Advance(ReadOnlySpan<double> action)
    {
        double squares = 0;
        for (int i = 0; i < action.Length; i++)
        {
            double acting = Math.Clamp(action[i], -1, 1), charged = _options.ClipControlCost ? acting : action[i];
            _controls[_joints[i]] = acting;
            squares += charged * charged;
        }
        _controls[^1] = CheetahParts.WallControl(Simulation.Time);
        double before = Simulation.Positions[TorsoX];
        Simulation.Step(_controls, Substeps);
        double after = Simulation.Positions[TorsoX];
        UpdateState();
        double distance = WallX - after;
        if (_options.Objective == CheetahObjective.Run)
        {
            Array.Fill(Rewards, (after - before) / StepSeconds - ControlCost * squares);
            Array.Fill(Costs, Math.Abs(distance) < SafeDistance ? 1 : 0);
            return false;
        }
        double deviation = DistanceKeeping.Deviation(distance);
        Array.Fill(Rewards, DistanceKeeping.Bonus(distance, nearest: 7) - deviation - ControlCost * squares);
        Array.Fill(Costs, Math.Max(0, SafeDistance - distance));
        Array.Fill(Deviations, deviation);
        return false;
    }

    private protected override void UpdateState()
    {
        ReadOnlySpan<double> positions = Simulation.Positions, velocities = Simulation.Velocities;
        positions[2..].CopyTo(StateValues); // rootz, rooty, six joints
        velocities[1..].CopyTo(StateValues.AsSpan(8)); // everything but the wall
        StateValues[17] = velocities[WallPosition];
        StateValues[18] = CheetahParts.WallControl(Simulation.Time);
        StateValues[19] = Math.Clamp((WallX - positions[TorsoX]) / 10, -5, 5);
    }

    private protected override void Observe(int agent, Span<float> observation)
    {
        Span<double> own = _observation.AsSpan(0, _observation.Length - _partition.Agents), which = _observation.AsSpan(own.Length);
        if (_options.Observation == ObservationScope.FullState)
            StateValues.CopyTo(own);
        else
            ObserveOwnJoints(agent, own);
        which.Clear();
        which[agent] = 1;
        Write(_observation, _options.StandardizeObservations, observation);
    }

    // Joint positions, joint velocities, then: rootz, rooty, vx, vz, wy, wall speed, wall force, scaled distance to the wall.
    private void ObserveOwnJoints(int agent, Span<double> own)
    {
        int count = _partition.PartsPerAgent;
        for (int i = 0; i < count; i++)
        {
            int address = FirstJoint + _joints[agent * count + i];
            (own[i], own[count + i]) = (Simulation.Positions[address], Simulation.Velocities[address]);
        }
        Span<double> body = own[(2 * count)..];
        Simulation.Positions.Slice(2, 2).CopyTo(body);
        Simulation.Velocities.Slice(1, 3).CopyTo(body[2..]);
        StateValues.AsSpan(17, 3).CopyTo(body[5..]);
    }

    private static int[] JointsOfActions(SafeHalfCheetahOptions options) => options.Partition == JointAssignment.AsDeclared ? Declared : Published;

    private static AgentPartition Checked(AgentPartition partition, SafeHalfCheetahOptions options)
    {
        ArgumentNullException.ThrowIfNull(partition);
        Check(partition, neighborhood: null, options.Objective, options.Partition, options.Observation, options.Disturbance, options.OnDivergence);
        return partition.Covering(CheetahParts.JointCount, nameof(SafeHalfCheetah));
    }

    private static MujocoModel Model() =>
        MujocoModel.Shared(HalfCheetahModel.Document(), model => model.Declare(MujocoFeature.GeomPosition, model.Find("geom", CheetahParts.WallGeom)));

    private static EnvironmentSpec SpecOf(AgentPartition partition, SafeHalfCheetahOptions options)
    {
        int own = options.Observation == ObservationScope.FullState ? StateSize : 2 * partition.PartsPerAgent + BodyFeatures;
        CostChannel[] costs = [new("wall", options.Objective == CheetahObjective.Run ? 30 : null)];
        bool keepsDistance = options.Objective == CheetahObjective.KeepDistance;
        return new EnvironmentSpec(
            NameOf($"{(keepsDistance ? "DistanceKeeping" : "Safe")}HalfCheetah", partition, options.Partition),
            [.. Enumerable.Range(0, partition.Agents).Select(i => new AgentSpec(
                $"agent_{i}", own + partition.Agents, ActionSpace.Box(partition.PartsPerAgent, -1, 1), costs, partition.Chain(i),
                options.Observation == ObservationScope.FullState ? OwnInState(i, partition, JointsOfActions(options)) : [.. Enumerable.Range(0, own)]))],
            options.EpisodeLength, StateSize, sharedReward: true, sharedCosts: true, hasDeviation: keepsDistance, hasDisturbance: options.Disturbance != Disturbance.None);
    }

    // Everything in the state but the other agents' joints.
    private static int[] OwnInState(int agent, AgentPartition partition, int[] jointsOfActions)
    {
        const int jointPositions = 2, jointVelocities = 11;
        int[] joints = jointsOfActions[(agent * partition.PartsPerAgent)..((agent + 1) * partition.PartsPerAgent)];
        return [0, 1, .. joints.Select(j => jointPositions + j), 8, 9, 10, .. joints.Select(j => jointVelocities + j), 17, 18, 19];
    }
}
