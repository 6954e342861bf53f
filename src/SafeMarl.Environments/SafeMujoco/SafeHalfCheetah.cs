using SafeMarl.Environments.Mujoco;

namespace SafeMarl.Environments.SafeMujoco;

/// <summary>
/// Safe HalfCheetah of Safe MAMuJoCo: agents share out the six joints of a planar cheetah, are rewarded for running and charged while they
/// are within 9 m of a moving wall. Fully cooperative; reward and cost are the same for every agent; no termination.
/// </summary>
/// <remarks>
/// <para>Agents act in [-1, 1] per joint, in the order bthigh, bshin, bfoot, fthigh, fshin, ffoot. One step is 0.05 s.</para>
/// <para>Reward: speed of the torso minus 0.1 times the squared actions. Cost: 1 while |wall - torso| &lt; 9 m along x, else 0.</para>
/// <para>State (20 numbers): joint positions without the torso's x, all velocities, wall speed, wall force, and the
/// distance to the wall divided by 10 and clipped to [-5, 5].</para>
/// </remarks>
public sealed class SafeHalfCheetah : IRestorableEnvironment, IWarningSource
{
    private const int StateSize = 20, BodyFeatures = 8, Substeps = 5;
    private const int WallPosition = 0, TorsoX = 1, FirstJoint = 4; // in qpos and qvel: wall, rootx, rootz, rooty, six joints
    private const double StepSeconds = 0.05, SafeDistance = 9, ControlCost = 0.1;

    private readonly SafeHalfCheetahOptions _options;
    private readonly AgentPartition _partition;
    private readonly MujocoModel _model;
    private readonly MujocoSimulation _simulation;
    private readonly double[] _action, _controls, _positions, _velocities, _state, _observation;
    private int _steps;

    /// <summary>Makes the task, "2x3", "3x2" or "6x1" in the published benchmarks.</summary>
    /// <param name="partition">Agents and joints of each; any that covers the six joints.</param>
    /// <param name="options">Null: the published task.</param>
    /// <exception cref="MujocoUnavailableException">MuJoCo is not there.</exception>
    public SafeHalfCheetah(AgentPartition partition, SafeHalfCheetahOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(partition);
        _partition = partition.Covering(CheetahParts.JointCount, nameof(SafeHalfCheetah));
        _options = options ?? new SafeHalfCheetahOptions();
        _model = MujocoModel.Shared(HalfCheetahModel.Document(), model => model.Declare(MujocoFeature.GeomPosition, model.Find("geom", CheetahParts.WallGeom)));
        _simulation = new MujocoSimulation(_model);
        _action = new double[CheetahParts.JointCount];
        _controls = new double[_model.ControlCount];
        _positions = new double[_model.PositionCount];
        _velocities = new double[_model.VelocityCount];
        _state = new double[StateSize];
        int ownSize = _options.Observation == ObservationScope.FullState ? StateSize : 2 * partition.ActuatorsPerAgent + BodyFeatures;
        _observation = new double[ownSize + partition.Agents];
        CostChannel[] costs = [new("wall", ReferenceLimit: 30)];
        Spec = new EnvironmentSpec(
            $"SafeHalfCheetah-{partition}",
            [.. Enumerable.Range(0, partition.Agents).Select(i => new AgentSpec(
                $"agent_{i}", _observation.Length, ActionSpace.Box(partition.ActuatorsPerAgent, -1, 1), costs, Neighbors(i, partition.Agents)))],
            _options.EpisodeLength, StateSize, sharedReward: true, sharedCosts: true);
    }

    /// <inheritdoc/>
    public event Action<string>? Warning;

    /// <inheritdoc/>
    public EnvironmentSpec Spec { get; }

    /// <summary>The simulation, for tests and tools that compare physics.</summary>
    internal MujocoSimulation Simulation => _simulation;

    /// <summary>The state before any scaling, in double precision.</summary>
    internal ReadOnlySpan<double> State => _state;

    private double WallX => _simulation.Features[0];

    /// <inheritdoc/>
    public void Reset(long seed, StepBuffer step)
    {
        var random = new RandomStream(seed);
        for (int i = 0; i < _positions.Length; i++)
            _positions[i] = _model.InitialPositions[i] + random.NextUniform(-0.1, 0.1);
        for (int i = 0; i < _velocities.Length; i++)
            _velocities[i] = 0.1 * random.NextGaussian();
        Begin(_positions, _velocities, step);
    }

    /// <summary>Begins an episode from a given pose, as the reference trajectories do.</summary>
    internal void Begin(ReadOnlySpan<double> positions, ReadOnlySpan<double> velocities, StepBuffer step)
    {
        _simulation.Reset(positions, velocities);
        _steps = 0;
        UpdateState();
        Observe(step);
    }

    /// <inheritdoc/>
    public EpisodeStatus Step(ReadOnlySpan<float> jointAction, StepBuffer step)
    {
        InvalidActionException.ThrowIfInvalid(jointAction, Spec);
        for (int i = 0; i < jointAction.Length; i++)
            _action[i] = jointAction[i];
        try
        {
            (double reward, double cost) = Advance(_action);
            Observe(step);
            Report(step, reward, cost);
        }
        catch (SimulationDivergedException e) when (_options.OnDivergence == DivergenceBehavior.Terminate)
        {
            Warning?.Invoke($"{Spec.Name}: {e.Message} The episode ends here.");
            Observe(step);
            Report(step, reward: 0, cost: 1);
            return EpisodeStatus.Terminated;
        }
        return ++_steps >= _options.EpisodeLength ? EpisodeStatus.Truncated : EpisodeStatus.Running;
    }

    /// <summary>One control step in double precision, as the reference trajectories take it.</summary>
    internal (double Reward, double Cost) Advance(ReadOnlySpan<double> action)
    {
        double squares = 0;
        for (int i = 0; i < action.Length; i++)
        {
            _controls[i] = Math.Clamp(action[i], -1, 1);
            double charged = _options.ClipControlCost ? _controls[i] : action[i];
            squares += charged * charged;
        }
        _controls[^1] = CheetahParts.WallControl(_simulation.Time);
        double before = _simulation.Positions[TorsoX];
        _simulation.Step(_controls, Substeps);
        double after = _simulation.Positions[TorsoX];
        UpdateState();
        return ((after - before) / StepSeconds - ControlCost * squares, Math.Abs(WallX - after) < SafeDistance ? 1 : 0);
    }

    /// <inheritdoc/>
    public void SaveState(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(_steps);
        _simulation.SaveState(writer);
    }

    /// <inheritdoc/>
    public void RestoreState(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _steps = reader.ReadInt32();
        _simulation.RestoreState(reader);
        UpdateState();
    }

    /// <inheritdoc/>
    public void Dispose() => _simulation.Dispose();

    private void Report(StepBuffer step, double reward, double cost)
    {
        for (int agent = 0; agent < _partition.Agents; agent++)
        {
            step.Reward(agent) = (float)reward;
            step.Cost(agent) = (float)cost;
        }
    }

    private void UpdateState()
    {
        ReadOnlySpan<double> positions = _simulation.Positions, velocities = _simulation.Velocities;
        positions[2..].CopyTo(_state); // rootz, rooty, six joints
        velocities[1..].CopyTo(_state.AsSpan(8)); // everything but the wall
        _state[17] = velocities[WallPosition];
        _state[18] = CheetahParts.WallControl(_simulation.Time);
        _state[19] = Math.Clamp((WallX - positions[TorsoX]) / 10, -5, 5);
    }

    private void Observe(StepBuffer step)
    {
        Narrow(_state, step.State);
        for (int agent = 0; agent < _partition.Agents; agent++)
        {
            Span<double> own = _observation.AsSpan(0, _observation.Length - _partition.Agents);
            if (_options.Observation == ObservationScope.FullState)
                _state.CopyTo(own);
            else
                ObserveOwnJoints(agent, own);
            Span<double> which = _observation.AsSpan(own.Length);
            which.Clear();
            which[agent] = 1;
            if (_options.StandardizeObservations)
                ObservationStandardization.Apply(_observation, step.Observation(agent));
            else
                Narrow(_observation, step.Observation(agent));
        }
    }

    // Joint positions, joint velocities, then: rootz, rooty, vx, vz, wy, wall speed, wall force, scaled distance to the wall.
    private void ObserveOwnJoints(int agent, Span<double> own)
    {
        int count = _partition.ActuatorsPerAgent, first = FirstJoint + agent * count;
        _simulation.Positions.Slice(first, count).CopyTo(own);
        _simulation.Velocities.Slice(first, count).CopyTo(own[count..]);
        Span<double> body = own[(2 * count)..];
        _simulation.Positions.Slice(2, 2).CopyTo(body);
        _simulation.Velocities.Slice(1, 3).CopyTo(body[2..]);
        _state.AsSpan(17, 3).CopyTo(body[5..]);
    }

    private static void Narrow(ReadOnlySpan<double> values, Span<float> destination)
    {
        for (int i = 0; i < values.Length; i++)
            destination[i] = (float)values[i];
    }

    private static int[] Neighbors(int agent, int agents) => [.. new[] { agent - 1, agent + 1 }.Where(n => n >= 0 && n < agents)];
}
