using SafeMarl.Environments.Mujoco;

namespace SafeMarl.Environments.SafeMujoco;

/// <summary>What a task does when its simulation diverges.</summary>
public enum DivergenceBehavior
{
    /// <summary>The episode terminates with reward 0 and cost 1, and the environment raises a warning.</summary>
    Terminate,

    /// <summary><see cref="SimulationDivergedException"/> is thrown.</summary>
    Throw,
}

/// <summary>
/// A task on a MuJoCo simulation: noise at the start, the time limit, divergence, saving and restoring are the same for all; a task says
/// what its model is, what a step brings and what agents see. One cost channel per agent.
/// </summary>
public abstract class MujocoTask : IRestorableEnvironment, ILosableAgents, IWarningSource
{
    private const double PositionNoise = 0.1, VelocityNoise = 0.1;

    private readonly DivergenceBehavior _onDivergence;
    private readonly int _noisyPositions, _noisyVelocities;
    private readonly Pushes _pushes;
    private readonly double[] _action, _positions, _velocities;
    private int _steps;
    private bool _over;

    /// <param name="spec">The specification.</param>
    /// <param name="model">The model, with the task's features declared.</param>
    /// <param name="onDivergence">What happens when the simulation diverges.</param>
    /// <param name="noisyPositions">Positions that begin with noise; the rest begins as in the model.</param>
    /// <param name="noisyVelocities">Velocities that begin with noise.</param>
    /// <param name="pushes">Random pushes on the robots.</param>
    private protected MujocoTask(EnvironmentSpec spec, MujocoModel model, DivergenceBehavior onDivergence, int noisyPositions, int noisyVelocities, Pushes pushes)
    {
        _pushes = pushes;
        (Spec, Simulation, _onDivergence, _noisyPositions, _noisyVelocities) = (spec, new MujocoSimulation(model), onDivergence, noisyPositions, noisyVelocities);
        _action = new double[spec.Layout.ActionSize];
        _positions = new double[model.PositionCount];
        _velocities = new double[model.VelocityCount];
        StateValues = new double[spec.StateSize];
        Rewards = new double[spec.Agents.Count];
        Costs = new double[spec.Agents.Count];
        Deviations = new double[spec.Agents.Count];
    }

    /// <inheritdoc/>
    public event Action<string>? Warning;

    /// <inheritdoc/>
    public EnvironmentSpec Spec { get; }

    /// <summary>The simulation.</summary>
    internal MujocoSimulation Simulation { get; }

    /// <summary>The state before any scaling, in double precision.</summary>
    internal ReadOnlySpan<double> State => StateValues;

    /// <summary>Reward of each agent in the last step.</summary>
    internal double[] Rewards { get; }

    /// <summary>Cost of each agent in the last step.</summary>
    internal double[] Costs { get; }

    /// <summary>Deviation of each agent in the last step; unused where the task has none.</summary>
    internal double[] Deviations { get; }

    private protected double[] StateValues { get; }

    /// <summary>One control step in double precision, as reference trajectories take it: sets the signals, and says whether the task is over.</summary>
    internal abstract bool Advance(ReadOnlySpan<double> action);

    /// <summary>Computes the state from the simulation.</summary>
    private protected abstract void UpdateState();

    /// <summary>Writes what an agent sees.</summary>
    private protected abstract void Observe(int agent, Span<float> observation);

    /// <summary>Which of the pushed torsos is an agent's concern; -1: all of them.</summary>
    private protected virtual int TorsoOf(int agent) => -1;

    /// <inheritdoc/>
    public void Reset(long seed, StepBuffer step)
    {
        var random = new RandomStream(seed);
        for (int i = 0; i < _positions.Length; i++)
            _positions[i] = Simulation.Model.InitialPositions[i] + (i < _noisyPositions ? random.NextUniform(-PositionNoise, PositionNoise) : 0);
        for (int i = 0; i < _velocities.Length; i++)
            _velocities[i] = i < _noisyVelocities ? VelocityNoise * random.NextGaussian() : 0;
        _pushes.Reset(seed);
        Begin(_positions, _velocities, step);
    }

    /// <summary>Begins an episode from a given pose, as reference trajectories do.</summary>
    internal void Begin(ReadOnlySpan<double> positions, ReadOnlySpan<double> velocities, StepBuffer step)
    {
        Simulation.Reset(positions, velocities);
        (_steps, _over) = (0, false);
        UpdateState();
        ObserveAll(step);
    }

    /// <inheritdoc/>
    public EpisodeStatus Step(ReadOnlySpan<float> jointAction, StepBuffer step)
    {
        InvalidActionException.ThrowIfInvalid(jointAction, Spec);
        for (int i = 0; i < jointAction.Length; i++)
            _action[i] = jointAction[i];
        try
        {
            _pushes.Apply(Simulation);
            _over = Advance(_action);
        }
        catch (SimulationDivergedException e) when (_onDivergence == DivergenceBehavior.Terminate)
        {
            Warning?.Invoke($"{Spec.Name}: {e.Message} The episode ends here.");
            Array.Clear(Rewards);
            Array.Fill(Costs, 1);
            Array.Clear(Deviations);
            _over = true;
        }
        ObserveAll(step);
        for (int agent = 0; agent < Rewards.Length; agent++)
        {
            step.Reward(agent) = (float)Rewards[agent];
            step.Cost(agent) = (float)Costs[agent];
            if (Spec.HasDeviation)
                step.Deviation(agent) = (float)Deviations[agent];
            if (Spec.HasDisturbance)
                step.Disturbance(agent) = (float)(TorsoOf(agent) is >= 0 and var torso ? _pushes.Strengths[torso] : Math.Sqrt(SpanSum.OfSquares(_pushes.Strengths)));
        }
        _steps++;
        return _over ? EpisodeStatus.Terminated : _steps >= Spec.EpisodeLength ? EpisodeStatus.Truncated : EpisodeStatus.Running;
    }

    /// <summary>Whether the robot has fallen or its simulation diverged, and with it all agents are lost.</summary>
    /// <param name="agent">Index of the agent.</param>
    public bool IsLost(int agent) => _over;

    /// <inheritdoc/>
    public void SaveState(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(_steps);
        _pushes.Save(writer);
        Simulation.SaveState(writer);
    }

    /// <inheritdoc/>
    public void RestoreState(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        (_steps, _over) = (reader.ReadInt32(), false);
        _pushes.Load(reader);
        Simulation.RestoreState(reader);
        UpdateState();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Simulation.Dispose();
        GC.SuppressFinalize(this);
    }

    private void ObserveAll(StepBuffer step)
    {
        Narrow(StateValues, step.State);
        for (int agent = 0; agent < Spec.Agents.Count; agent++)
            Observe(agent, step.Observation(agent));
    }

    /// <summary>Options of a task that its model and specification depend on.</summary>
    /// <exception cref="ArgumentException">A choice is none of its enumeration, or the neighbourhood is negative or larger than the other agents.</exception>
    private protected static void Check(AgentPartition partition, int? neighborhood, params ReadOnlySpan<Enum> choices)
    {
        if (neighborhood is { } k && (k < 0 || k >= partition.Agents))
            throw new ArgumentException($"The neighbourhood is {k}; with {partition} it must be from 0 to {partition.Agents - 1}.", nameof(neighborhood));
        foreach (Enum choice in choices)
        {
            if (!Enum.IsDefined(choice.GetType(), choice))
                throw new ArgumentException($"{choice.GetType().Name} is '{choice}'; it must be one of {string.Join(", ", Enum.GetNames(choice.GetType()))}.", nameof(choices));
        }
    }

    /// <summary>Name of a task with a partition. Where agents act as declared, their actions mean something else, so that the name is another.</summary>
    private protected static string NameOf(string task, AgentPartition partition, JointAssignment assignment) =>
        $"{task}-{partition}{(assignment == JointAssignment.AsDeclared ? "-declared" : "")}";

    /// <summary>The state and which agent it is, as the published tasks show it.</summary>
    private protected void WriteStateOf(int agent, Span<double> observation)
    {
        StateValues.CopyTo(observation);
        observation[StateValues.Length..].Clear();
        observation[StateValues.Length + agent] = 1;
    }

    /// <summary>
    /// Positions and velocities of the joints of agents i-k to i+k on the chain, <c>[2k + 1, positions then velocities]</c>; zeros beyond its ends and in the rest.
    /// </summary>
    /// <param name="agent">Agent i.</param>
    /// <param name="k">Neighbours on either side.</param>
    /// <param name="partition">Agents and joints of each.</param>
    /// <param name="positions">Address of each action's joint among the positions.</param>
    /// <param name="velocities">Address of each action's joint among the velocities.</param>
    /// <param name="observation">Receives them from its beginning.</param>
    private protected void WriteJointsOfNeighbors(int agent, int k, AgentPartition partition, int[] positions, int[] velocities, Span<double> observation)
    {
        int count = partition.PartsPerAgent;
        observation.Clear();
        for (int other = Math.Max(0, agent - k); other <= Math.Min(partition.Agents - 1, agent + k); other++)
        {
            Span<double> block = observation.Slice((other - agent + k) * 2 * count, 2 * count);
            for (int i = 0; i < count; i++)
            {
                int action = other * count + i;
                (block[i], block[count + i]) = (Simulation.Positions[positions[action]], Simulation.Velocities[velocities[action]]);
            }
        }
    }

    /// <summary>What an agent's own numbers are in an observation of <see cref="WriteJointsOfNeighbors"/> followed by features of its body.</summary>
    private protected static int[] OwnAmongNeighbors(int k, AgentPartition partition, int bodyFeatures)
    {
        int block = 2 * partition.PartsPerAgent;
        return [.. Enumerable.Range(k * block, block), .. Enumerable.Range((2 * k + 1) * block, bodyFeatures)];
    }

    /// <summary>Writes numbers as observations have them: as they are, or standardised over their own entries.</summary>
    private protected static void Write(ReadOnlySpan<double> values, bool standardize, Span<float> destination)
    {
        if (standardize)
            ObservationStandardization.Apply(values, destination);
        else
            Narrow(values, destination);
    }

    private static void Narrow(ReadOnlySpan<double> values, Span<float> destination)
    {
        for (int i = 0; i < values.Length; i++)
            destination[i] = (float)values[i];
    }
}
