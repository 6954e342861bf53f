namespace SafeMarl.ML.Buffers;

/// <summary>
/// Storage for one rollout, allocated once. Environments may be written by different threads at the same time, each by one.
/// </summary>
internal sealed class RolloutBuffer
{
    private readonly TaskShape _task;
    private readonly float[] _states;
    private readonly float[][] _observations, _masks, _actions, _logProbs, _rewards;
    private readonly float[][][] _costs;
    private readonly bool[] _ended;
    private readonly List<(int Sample, float[] State, float[][] Observations)>[] _bootstraps;

    /// <exception cref="InvalidOptionsException">The rollout is too large for an array.</exception>
    public RolloutBuffer(TaskShape task, int steps, int environments)
    {
        (_task, Steps, Environments) = (task, steps, environments);
        int widest = task.Agents.Select(a => Math.Max(a.ObservationSize, a.OutputSize)).Append(task.StateSize).Max();
        if ((long)steps * environments * widest > Array.MaxLength)
        {
            throw new InvalidOptionsException(
                $"A rollout of {steps:N0} steps in {environments:N0} environments with {widest:N0} numbers each does not fit into memory: RolloutSteps * Environments * {widest:N0} must be at most {Array.MaxLength:N0}.");
        }
        int samples = Samples;
        _states = new float[samples * task.StateSize];
        _observations = PerAgent(a => samples * a.ObservationSize);
        _masks = PerAgent(a => a.ActionSpace.IsMasked ? samples * a.ActionSpace.Count : 0);
        _actions = PerAgent(a => samples * a.ActionSpace.Size);
        _logProbs = PerAgent(_ => samples);
        _rewards = PerAgent(_ => samples);
        _costs = [.. task.Agents.Select(a => a.CostChannels.Select(_ => new float[samples]).ToArray())];
        _ended = new bool[samples];
        _bootstraps = [.. Enumerable.Range(0, environments).Select(_ => new List<(int, float[], float[][])>())];

        float[][] PerAgent(Func<AgentShape, int> size) => [.. task.Agents.Select(a => new float[size(a)])];
    }

    /// <summary>T.</summary>
    public int Steps { get; }

    /// <summary>E.</summary>
    public int Environments { get; }

    /// <summary>T * E.</summary>
    public int Samples => Steps * Environments;

    /// <summary>Forgets the last rollout's endings; everything else is overwritten.</summary>
    public void Clear()
    {
        foreach (var list in _bootstraps)
            list.Clear();
    }

    public int Sample(int step, int environment) => step * Environments + environment;

    public Span<float> State(int sample) => _states.AsSpan(sample * _task.StateSize, _task.StateSize);

    public Span<float> Observation(int agent, int sample) => Row(_observations[agent], sample, _task.Agents[agent].ObservationSize);

    public Span<float> Mask(int agent, int sample) => _task.Agents[agent].ActionSpace is { IsMasked: true } space ? Row(_masks[agent], sample, space.Count) : default;

    public Span<float> Action(int agent, int sample) => Row(_actions[agent], sample, _task.Agents[agent].ActionSpace.Size);

    public ref float LogProb(int agent, int sample) => ref _logProbs[agent][sample];

    public ref float Reward(int agent, int sample) => ref _rewards[agent][sample];

    public ref float Cost(int agent, int channel, int sample) => ref _costs[agent][channel][sample];

    public ref bool Ended(int sample) => ref _ended[sample];

    /// <summary>Keeps the state and the observations after a sample that is truncated or the last of its environment.</summary>
    public void Bootstrap(int environment, int sample, float[] state, float[][] observations) => _bootstraps[environment].Add((sample, state, observations));

    /// <summary>The rollout as algorithms see it; the arrays are this buffer's own.</summary>
    public OnPolicyBatch ToBatch(long totalSteps, long iteration, IReadOnlyList<EpisodeSummary> episodes)
    {
        (int Sample, float[] State, float[][] Observations)[] bootstraps = [.. _bootstraps.SelectMany(b => b)];
        return new OnPolicyBatch
        {
            Samples = Samples,
            Environments = Environments,
            Steps = totalSteps,
            Iteration = iteration,
            States = _states,
            Observations = _observations,
            Masks = _masks,
            Actions = _actions,
            LogProbs = _logProbs,
            Rewards = _rewards,
            Costs = _costs,
            Ended = _ended,
            Bootstrapped = [.. bootstraps.Select(b => b.Sample)],
            BootstrapStates = [.. bootstraps.SelectMany(b => b.State)],
            BootstrapObservations = [.. _task.Agents.Select((_, agent) => bootstraps.SelectMany(b => b.Observations[agent]).ToArray())],
            Episodes = episodes,
        };
    }

    private static Span<float> Row(float[] values, int row, int size) => values.AsSpan(row * size, size);
}
