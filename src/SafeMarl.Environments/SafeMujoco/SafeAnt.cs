using SafeMarl.Environments.Mujoco;

namespace SafeMarl.Environments.SafeMujoco;

/// <summary>
/// An ant in a folded corridor: agents share out the eight joints of its four legs. One step is 0.05 s. An episode terminates when the torso
/// leaves the heights from 0.2 to 1 m or the ant falls on its back; that costs 1.
/// </summary>
/// <remarks>
/// <para>Agents act in [-1, 1] per joint, in the published order hip_4, ankle_4, hip_1, ankle_1, hip_2, ankle_2, hip_3, ankle_3; with signals of their own, in
/// the order hip_1, ankle_1, ... ankle_4.</para>
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
    private const int TorsoX = 0, TorsoY = 1, QuaternionX = 4, QuaternionY = 5, Contacts = 7, Legs = 8; // in the simulation's features
    private const int FirstLegActuator = 2; // hip_1
    private const double StepSeconds = 0.05, ControlCost = 0.5, ContactCost = 0.0005, SurvivalBonus = 1, DesiredSpeed = 0.7, SpeedBonus = 2;
    private const double HalfWidth = 5, SafeTorsoDistance = 1.8, SafeLegDistance = 1, LowestTorso = 0.2, HighestTorso = 1, Upside = -0.7;

    private static readonly double[] Standing = [-.15, -.09, .09, .15]; // rho, from the trailing leg to the leading one

    private readonly SafeAntOptions _options;
    private readonly AgentPartition _partition;
    private readonly double[] _controls, _observation, _squares;
    private readonly int[] _legs, _jointPositions, _jointVelocities;

    /// <summary>Makes the task: "2x4", "4x2" or "8x1"; non-cooperative "8x1".</summary>
    /// <param name="partition">Agents and joints of each; any that covers the eight joints.</param>
    /// <param name="options">Null: the published task.</param>
    /// <exception cref="MujocoUnavailableException">MuJoCo is not there.</exception>
    /// <exception cref="ArgumentException">The partition does not fit, or non-cooperative running is asked for, which nobody defined.</exception>
    public SafeAnt(AgentPartition partition, SafeAntOptions? options = null) : this(Checked(partition, options ??= new SafeAntOptions()), options, Model(options.Walls)) { }

    private SafeAnt(AgentPartition partition, SafeAntOptions options, MujocoModel model)
        : base(SpecOf(partition, options), model, options.OnDivergence, RobotPositions, RobotVelocities, new Pushes(model, options.Disturbance, [AntModel.Torso]))
    {
        (_partition, _options) = (partition, options);
        _controls = new double[Joints];
        _squares = new double[partition.Agents];
        _observation = new double[Spec.Agents[0].ObservationSize];
        _legs = new int[Standing.Length];
        int[] joints = [.. Enumerable.Range(0, Joints).Select(action => JointOf(action, options))];
        (_jointPositions, _jointVelocities) = ([.. joints.Select(j => FirstJointPosition + j)], [.. joints.Select(j => FirstJointVelocity + j)]);
    }

    /// <inheritdoc/>
    internal override bool Advance(ReadOnlySpan<double> action)
    {
        Array.Clear(_squares);
        for (int i = 0; i < action.Length; i++)
        {
            _controls[ActuatorOf(i)] = Math.Clamp(action[i], -1, 1);
            _squares[i / _partition.PartsPerAgent] += action[i] * action[i];
        }
        double before = Simulation.Features[TorsoX];
        Simulation.Step(_controls, Substeps);
        UpdateState();
        double speed = (Simulation.Features[TorsoX] - before) / StepSeconds;
        bool fallen = HasFallen(), near = Corridor.DistanceToWall(Simulation.Features[TorsoX], Simulation.Features[TorsoY], HalfWidth) < SafeTorsoDistance;
        Array.Fill(Costs, near || fallen ? 1 : 0);
        if (_options.Objective == AntObjective.Run)
            Array.Fill(Rewards, speed - ControlCost * SpanSum.Of(_squares) - ContactCost * Simulation.Features[Contacts] + SurvivalBonus);
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
            Array.Fill(Rewards, reward - ControlCost * SpanSum.Of(_squares));
            return;
        }
        RankLegs();
        for (int agent = 0; agent < Rewards.Length; agent++)
        {
            int leg = agent / 2;
            Rewards[agent] = reward - ControlCost * _squares[agent] + Standing[Array.IndexOf(_legs, leg)];
            Costs[agent] = fallen || Corridor.DistanceToWall(LegX(leg), LegY(leg), HalfWidth) < SafeLegDistance ? 1 : 0;
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

    private bool HasFallen()
    {
        double height = Simulation.Positions[2], x = Simulation.Features[QuaternionX], y = Simulation.Features[QuaternionY];
        return height is < LowestTorso or > HighestTorso || 1 - 2 * (x * x + y * y) < Upside;
    }

    private protected override void UpdateState()
    {
        ReadOnlySpan<double> positions = Simulation.Positions;
        positions[2..RobotPositions].CopyTo(StateValues);
        Simulation.Velocities[..RobotVelocities].CopyTo(StateValues.AsSpan(13));
        StateValues[27] = positions[0] / 5;
        StateValues[28] = positions[1] - Corridor.CenterLine(positions[0]);
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
        WriteJointsOfNeighbors(agent, k, _partition, _jointPositions, _jointVelocities, observation);
        Span<double> body = observation[^BodyFeatures..];
        Simulation.Positions.Slice(2, 5).CopyTo(body);
        Simulation.Velocities[..6].CopyTo(body[5..]);
        StateValues.AsSpan(27, 2).CopyTo(body[11..]);
    }

    private double LegX(int leg) => Simulation.Features[Legs + 3 * leg];

    private double LegY(int leg) => Simulation.Features[Legs + 3 * leg + 1];

    private int ActuatorOf(int action) => ActuatorOf(action, _options);

    private static int ActuatorOf(int action, SafeAntOptions options) => options.NonCooperative ? (action + FirstLegActuator) % Joints : action;

    // In the order of positions: hip_1 first.
    private static int JointOf(int action, SafeAntOptions options) => (ActuatorOf(action, options) + Joints - FirstLegActuator) % Joints;

    private static AgentPartition Checked(AgentPartition partition, SafeAntOptions options)
    {
        ArgumentNullException.ThrowIfNull(partition);
        partition.Covering(Joints, nameof(SafeAnt));
        Check(partition, options.Neighborhood, options.Objective, options.Walls, options.Disturbance, options.OnDivergence);
        if (options.NonCooperative && (partition.Agents != Joints || options.Objective == AntObjective.Run))
            throw new ArgumentException($"Signals of their own are defined for eight agents that keep a speed (8x1, {nameof(AntObjective.KeepSpeed)}); got {partition} and {options.Objective}.", nameof(options));
        return partition;
    }

    private static MujocoModel Model(CorridorWalls walls) => MujocoModel.Shared(AntModel.Document(walls, MujocoLibrary.Default.Version), model =>
    {
        int torso = model.Find("body", AntModel.Torso);
        model.Declare(MujocoFeature.BodyPosition, torso);
        model.Declare(MujocoFeature.BodyOrientation, torso);
        model.Declare(MujocoFeature.ContactForceSum);
        foreach (string leg in AntModel.LegBodies)
            model.Declare(MujocoFeature.SubtreeCenterOfMass, model.Find("body", leg));
    });

    private static EnvironmentSpec SpecOf(AgentPartition partition, SafeAntOptions options)
    {
        bool runs = options.Objective == AntObjective.Run;
        int observation = options.Neighborhood is { } k ? (2 * k + 1) * 2 * partition.PartsPerAgent + BodyFeatures : StateSize + partition.Agents;
        CostChannel[] costs = [new("corridor", runs ? partition.Agents == Joints ? 70 : 50 : null)];
        return new EnvironmentSpec(
            $"{(runs ? "Safe" : "SpeedKeeping")}Ant-{partition}",
            [.. Enumerable.Range(0, partition.Agents).Select(i => new AgentSpec(
                $"agent_{i}", observation, ActionSpace.Box(partition.PartsPerAgent, -1, 1), costs, partition.Chain(i),
                options.Neighborhood is { } n ? OwnAmongNeighbors(n, partition, BodyFeatures) : OwnInState(i, partition, options)))],
            options.EpisodeLength, StateSize, sharedReward: !options.NonCooperative, sharedCosts: !options.NonCooperative, hasDeviation: !runs,
            hasDisturbance: options.Disturbance != Disturbance.None);
    }

    // Everything in the state but the other agents' joints.
    private static int[] OwnInState(int agent, AgentPartition partition, SafeAntOptions options)
    {
        const int jointPositions = 5, rootVelocities = 13, jointVelocities = 19;
        int[] joints = [.. Enumerable.Range(agent * partition.PartsPerAgent, partition.PartsPerAgent).Select(action => JointOf(action, options))];
        return [0, 1, 2, 3, 4, .. joints.Select(j => jointPositions + j), .. Enumerable.Range(rootVelocities, 6), .. joints.Select(j => jointVelocities + j), 27, 28];
    }
}
