using SafeMarl.Environments.Mujoco;

namespace SafeMarl.Environments.SafeMujoco;

/// <summary>
/// An ant in a folded corridor: agents share out the eight joints of its four legs. One step is 0.05 s. An episode terminates when the torso
/// leaves the heights from 0.2 to 1 m or the ant falls on its back; that costs 1.
/// </summary>
/// <remarks>
/// <para>Agents act in [-1, 1] per joint, in the published order hip_4, ankle_4, hip_1, ankle_1, hip_2, ankle_2, hip_3, ankle_3, in which 2x4d and 2x4 are the same. With
/// <see cref="JointAssignment.AsDeclared"/>, and with signals of their own in any case, in the order hip_1, ankle_1, ... ankle_4; in 2x4d one agent has legs 1 and 3 then, the other legs 2 and 4.</para>
/// <para>With <see cref="AntObjective.Run"/> (Safe MAMuJoCo), v being the speed along x: reward <c>v - 0.5 |a|^2 - 0.0005 (contact forces) + 1</c>, cost 1 while the
/// torso is within 1.8 m of a wall along y.</para>
/// <para>With <see cref="AntObjective.KeepSpeed"/> (MAS3AC, appendix H.1 and H.6): reward <c>-|v - 0.7| - 0.5 |a|^2 + 2 [0.5 &lt;= v &lt;= 0.9]</c>, deviation <c>|v - 0.7|</c>, the same
/// cost. Non-cooperative: own action only, plus -0.15, -0.09, 0.09 or 0.15 from the trailing leg to the leading one, and cost 1 while the own leg is
/// within 1 m of a wall.</para>
/// <para>State (29 numbers): height, orientation, joint positions, all velocities, x / 5, and y from the centre line. An agent sees it with which agent it is; or, with
/// a neighbourhood of k, position and velocity of the joints of agents i-k to i+k (zeros beyond the ends), then height, orientation, six velocities of the torso,
/// x / 5 and y from the centre line.</para>
/// </remarks>
public sealed class SafeAnt : MujocoTask
{
    private const int StateSize = 29, BodyFeatures = 13, Substeps = 5, Joints = 8, RobotPositions = 15, RobotVelocities = 14, FirstJointPosition = 7, FirstJointVelocity = 6;
    private const int StatePositions = RobotPositions - 2, FirstLegActuator = 2; // without x and y; hip_1
    private const double StepSeconds = 0.05, DesiredSpeed = 0.7, SpeedBonus = 2, SafeLegDistance = 1;

    private static readonly double[] Standing = [-.15, -.09, .09, .15]; // rho, from the trailing leg to the leading one

    private readonly SafeAntOptions _options;
    private readonly AgentPartition _partition;
    private readonly CorridorAnt _ant;
    private readonly double[] _controls, _observation, _squares;
    private readonly int[] _legs, _actuators, _jointPositions, _jointVelocities; // the last three by action

    /// <summary>Makes the task: "2x4", "2x4d", "4x2" or "8x1"; non-cooperative "8x1".</summary>
    /// <param name="partition">Agents and joints of each; any that covers the eight joints.</param>
    /// <param name="options">Null: the published task.</param>
    /// <exception cref="MujocoUnavailableException">MuJoCo is not there.</exception>
    /// <exception cref="ArgumentException">The partition does not fit, or non-cooperative running is asked for, which nobody defined.</exception>
    public SafeAnt(AgentPartition partition, SafeAntOptions? options = null) : this(Checked(partition, options ??= new SafeAntOptions()), options, Model(options.Walls)) { }

    private SafeAnt(AgentPartition partition, SafeAntOptions options, MujocoModel model)
        : base(SpecOf(partition, options), model, options.OnDivergence, RobotPositions, RobotVelocities, new Pushes(model, options.Disturbance, [AntModel.Torso]))
    {
        (_partition, _options) = (partition, options);
        _ant = new CorridorAnt(Simulation, AntModel.HalfWidth);
        _controls = new double[Joints];
        _squares = new double[partition.Agents];
        _observation = new double[Spec.Agents[0].ObservationSize];
        _legs = new int[Standing.Length];
        int[] joints = JointsOfActions(partition, options);
        _actuators = [.. joints.Select(j => (j + FirstLegActuator) % Joints)];
        (_jointPositions, _jointVelocities) = ([.. joints.Select(j => FirstJointPosition + j)], [.. joints.Select(j => FirstJointVelocity + j)]);
    }

    /// <inheritdoc/>
    internal override bool Advance(ReadOnlySpan<double> action)
    {
        Array.Clear(_squares);
        for (int i = 0; i < action.Length; i++)
        {
            _controls[_actuators[i]] = Math.Clamp(action[i], -1, 1);
            _squares[i / _partition.PartsPerAgent] += action[i] * action[i];
        }
        double before = _ant.X;
        Simulation.Step(_controls, Substeps);
        UpdateState();
        double speed = (_ant.X - before) / StepSeconds;
        bool fallen = _ant.HasFallen;
        Array.Fill(Costs, _ant.IsNearWall || fallen ? 1 : 0);
        if (_options.Objective == AntObjective.Run)
            Array.Fill(Rewards, _ant.RewardOfRunning(speed, SpanSum.Of(_squares)));
        else
            RewardSpeed(speed, fallen);
        return fallen;
    }

    private void RewardSpeed(double speed, bool fallen)
    {
        double deviation = Math.Abs(speed - DesiredSpeed), reward = (speed is >= 0.5 and <= 0.9 ? SpeedBonus : 0) - deviation;
        Array.Fill(Deviations, deviation);
        if (!_options.NonCooperative)
        {
            Array.Fill(Rewards, reward - CorridorAnt.ControlCost * SpanSum.Of(_squares));
            return;
        }
        RankLegs();
        for (int agent = 0; agent < Rewards.Length; agent++)
        {
            int leg = agent / 2;
            Rewards[agent] = reward - CorridorAnt.ControlCost * _squares[agent] + Standing[Array.IndexOf(_legs, leg)];
            Costs[agent] = fallen || Corridor.DistanceToWall(LegX(leg), LegY(leg), AntModel.HalfWidth) < SafeLegDistance ? 1 : 0;
        }
    }

    // From the trailing leg to the leading one; equal legs in their order.
    private void RankLegs()
    {
        for (int leg = 0; leg < _legs.Length; leg++)
        {
            int at = leg;
            for (; at > 0 && LegX(_legs[at - 1]) > LegX(leg); at--)
                _legs[at] = _legs[at - 1];
            _legs[at] = leg;
        }
    }

    private protected override void UpdateState() => _ant.WriteState(StatePositions, RobotVelocities, StateValues);

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
        WriteJointsOfNeighbors(agent, k, _partition, _jointPositions, _jointVelocities, observation);
        Span<double> body = observation[^BodyFeatures..];
        Simulation.Positions.Slice(2, 5).CopyTo(body);
        Simulation.Velocities[..6].CopyTo(body[5..]);
        StateValues.AsSpan(27, 2).CopyTo(body[11..]);
    }

    private double LegX(int leg) => Simulation.Features[CorridorAnt.FeatureCount + 3 * leg];

    private double LegY(int leg) => Simulation.Features[CorridorAnt.FeatureCount + 3 * leg + 1];

    // The joint of each action in the order of positions, hip_1 first.
    private static int[] JointsOfActions(AgentPartition partition, SafeAntOptions options)
    {
        bool declared = options.NonCooperative || options.Partition == JointAssignment.AsDeclared;
        int[] legs = !declared ? [4, 1, 2, 3] : partition.IsDiagonal ? [1, 3, 2, 4] : [1, 2, 3, 4];
        return [.. legs.SelectMany(leg => new[] { 2 * leg - 2, 2 * leg - 1 })];
    }

    private static AgentPartition Checked(AgentPartition partition, SafeAntOptions options)
    {
        ArgumentNullException.ThrowIfNull(partition);
        partition.Covering(Joints, nameof(SafeAnt), hasDiagonal: partition.Agents == 2);
        Check(partition, options.Neighborhood, options.Objective, options.Partition, options.Walls, options.Disturbance, options.OnDivergence);
        if (options.NonCooperative && (partition.Agents != Joints || options.Objective == AntObjective.Run))
            throw new ArgumentException($"Signals of their own are defined for eight agents that keep a speed (8x1, {nameof(AntObjective.KeepSpeed)}); got {partition} and {options.Objective}.", nameof(options));
        return partition;
    }

    private static MujocoModel Model(CorridorWalls walls) => MujocoModel.Shared(AntModel.Document(walls, MujocoLibrary.Default.Version), model =>
    {
        CorridorAnt.Declare(model, AntModel.Torso);
        foreach (string leg in AntModel.LegBodies)
            model.Declare(MujocoFeature.SubtreeCenterOfMass, model.Find("body", leg));
    });

    private static EnvironmentSpec SpecOf(AgentPartition partition, SafeAntOptions options)
    {
        bool runs = options.Objective == AntObjective.Run;
        int observation = options.Neighborhood is { } k ? (2 * k + 1) * 2 * partition.PartsPerAgent + BodyFeatures : StateSize + partition.Agents;
        int[] joints = JointsOfActions(partition, options);
        CostChannel[] costs = [new("corridor", runs ? partition.Agents == Joints ? 70 : 50 : null)];
        return new EnvironmentSpec(
            NameOf($"{(runs ? "Safe" : "SpeedKeeping")}Ant", partition, options.NonCooperative ? JointAssignment.AsPublished : options.Partition),
            [.. Enumerable.Range(0, partition.Agents).Select(i => new AgentSpec(
                $"agent_{i}", observation, ActionSpace.Box(partition.PartsPerAgent, -1, 1), costs, partition.Chain(i),
                options.Neighborhood is { } n ? OwnAmongNeighbors(n, partition, BodyFeatures)
                    : CorridorAnt.OwnInState(StatePositions, RobotVelocities, joints[(i * partition.PartsPerAgent)..((i + 1) * partition.PartsPerAgent)])))],
            options.EpisodeLength, StateSize, sharedReward: !options.NonCooperative, sharedCosts: !options.NonCooperative, hasDeviation: !runs,
            hasDisturbance: options.Disturbance != Disturbance.None);
    }
}
