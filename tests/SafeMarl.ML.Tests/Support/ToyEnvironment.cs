using SafeMarl.Environments;

namespace SafeMarl.ML.Tests.Support;

/// <summary>
/// Small tasks of every kind that the contract allows. Each agent has a position that its action moves; it is rewarded for being near 1 and
/// charged for being beyond 0.5.
/// </summary>
internal sealed class ToyEnvironment(ToyEnvironment.Kind kind, int length = 8) : IRestorableEnvironment
{
    private double[] _positions = [];
    private int _steps;
    private RandomStream _random;

    public enum Kind
    {
        /// <summary>Two equal agents with box actions, a state, shared reward and costs, truncated.</summary>
        SharedBoxes,

        /// <summary>Three equal agents with masked discrete actions, a state, terminated.</summary>
        MaskedChoices,

        /// <summary>Two equal agents with discrete actions, no state, shared reward and costs, truncated.</summary>
        SharedChoices,

        /// <summary>The same with costs of their own.</summary>
        OwnChoices,

        /// <summary>Agents with different observations, actions and numbers of costs, no state, rewards of their own, truncated.</summary>
        Mixed,
    }

    /// <summary>A number that is not finite, from this step of every episode on.</summary>
    public int? PoisonRewardAt { get; init; }

    public int? PoisonCostAt { get; init; }

    public int? PoisonObservationAt { get; init; }

    /// <summary>A negative cost, which no task may report.</summary>
    public float Rebate { get; init; }

    /// <summary>A negative deviation, which no task may report.</summary>
    public float Closeness { get; init; }

    public EnvironmentSpec Spec { get; } = SpecOf(kind, length);

    private static EnvironmentSpec SpecOf(Kind kind, int length)
    {
        CostChannel[] one = [new("far")], two = [new("far"), new("moved")];
        ActionSpace box = ActionSpace.Box(2, -1, 1), choice = ActionSpace.Discrete(3, masked: true);
        return kind switch
        {
            Kind.SharedBoxes => new EnvironmentSpec("Toy-SharedBoxes", [new("left", 3, box, one), new("right", 3, box, one)], length, 3, sharedReward: true, sharedCosts: true),
            Kind.MaskedChoices => new EnvironmentSpec("Toy-MaskedChoices", [new("a", 2, choice, two), new("b", 2, choice, two), new("c", 2, choice, two)], length, 4, sharedReward: true),
            Kind.SharedChoices => new EnvironmentSpec(
                "Toy-SharedChoices", [new("mover", 3, ActionSpace.Discrete(3), one), new("chooser", 3, ActionSpace.Discrete(3), one)], length, sharedReward: true, sharedCosts: true, hasDeviation: true),
            Kind.OwnChoices => new EnvironmentSpec(
                "Toy-OwnChoices", [new("mover", 3, ActionSpace.Discrete(3), one), new("chooser", 3, ActionSpace.Discrete(3), one)], length, sharedReward: true, hasDeviation: true),
            _ => new EnvironmentSpec("Toy-Mixed", [new("mover", 2, box, two), new("chooser", 4, ActionSpace.Discrete(2), one), new("masked", 3, choice, one)], length, hasDeviation: true),
        };
    }

    public void Reset(long seed, StepBuffer step)
    {
        _random = new RandomStream(seed);
        _positions = [.. Spec.Agents.Select(_ => _random.NextUniform(-0.2, 0.2))];
        _steps = 0;
        Observe(step);
    }

    public EpisodeStatus Step(ReadOnlySpan<float> jointAction, StepBuffer step)
    {
        InvalidActionException.ThrowIfInvalid(jointAction, Spec);
        _steps++;
        double total = 0;
        for (int i = 0; i < _positions.Length; i++)
        {
            ReadOnlySpan<float> action = jointAction[Spec.Layout.Action(i)];
            double move = Spec.Agents[i].ActionSpace.IsDiscrete ? action[0] - 1 : Math.Clamp(action[0], -1, 1);
            _positions[i] = Math.Clamp(_positions[i] + 0.3 * move + 0.01 * _random.NextGaussian(), -2, 2);
            total -= Math.Abs(_positions[i] - 1);
        }
        for (int i = 0; i < _positions.Length; i++)
        {
            step.Reward(i) = (float)(Spec.SharedReward ? total : -Math.Abs(_positions[i] - 1));
            Span<float> costs = step.Costs(i);
            double beyond = Spec.SharedCosts ? _positions.Max() : _positions[i];
            costs[0] = beyond > 0.5 ? 1 : 0;
            if (costs.Length > 1)
                costs[1] = (float)Math.Abs(_positions[i]);
            if (Spec.HasDeviation)
                step.Deviation(i) = (float)Math.Abs(_positions[i] - 1);
        }
        if (Rebate != 0)
            step.Cost(1) = -Rebate;
        if (Closeness != 0)
            step.Deviation(1) = -Closeness;
        if (_steps >= PoisonRewardAt)
            step.Reward(1) = float.NaN;
        if (_steps >= PoisonCostAt)
            step.Cost(1) = float.PositiveInfinity;
        Observe(step);
        return _steps < Spec.EpisodeLength ? EpisodeStatus.Running : kind == Kind.MaskedChoices ? EpisodeStatus.Terminated : EpisodeStatus.Truncated;
    }

    public void SaveState(BinaryWriter writer)
    {
        writer.Write(_steps);
        _random.Save(writer);
        foreach (double position in _positions)
            writer.Write(position);
    }

    public void RestoreState(BinaryReader reader)
    {
        _steps = reader.ReadInt32();
        _random = RandomStream.Load(reader);
        _positions = [.. Spec.Agents.Select(_ => reader.ReadDouble())];
    }

    public void Dispose() { }

    private void Observe(StepBuffer step)
    {
        for (int i = 0; i < _positions.Length; i++)
        {
            Span<float> observation = step.Observation(i);
            observation.Clear();
            observation[0] = (float)_positions[i];
            observation[1] = (float)_steps / Spec.EpisodeLength;
            if (observation.Length > 2)
                observation[2] = i;
            Span<float> mask = step.ActionMask(i);
            mask.Fill(1);
            if (!mask.IsEmpty && _positions[i] > 1)
                mask[2] = 0;
        }
        if (_steps >= PoisonObservationAt)
            step.Observation(1)[0] = float.NaN;
        step.State.Clear();
        for (int i = 0; i < Math.Min(_positions.Length, step.State.Length); i++)
            step.State[i] = (float)_positions[i];
    }
}
