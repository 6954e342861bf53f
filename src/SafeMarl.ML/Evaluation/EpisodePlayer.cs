using SafeMarl.Environments;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Threading;

namespace SafeMarl.ML.Evaluation;

/// <summary>Looks at a played episode, step by step.</summary>
internal interface IEpisodeObserver
{
    /// <summary>What the agents see, and what they are about to do.</summary>
    void Before(StepMemory seen, ReadOnlySpan<float> jointAction);

    /// <summary>What the step brought.</summary>
    void After(StepBuffer signals, EpisodeStatus status);
}

/// <summary>Plays fresh episodes. The seed decides each of them, whatever the number of threads.</summary>
internal static class EpisodePlayer
{
    private const long EpisodeStream = 101, ActionStream = 102;

    /// <summary>Plays episodes on several threads, each watched by an observer of its own.</summary>
    /// <param name="policy">Acts; null: agents act uniformly at random.</param>
    /// <param name="factory">Makes the environment.</param>
    /// <param name="options">How many episodes, and how they are played.</param>
    /// <param name="observe">Makes the observer of an episode, given the environment that plays it and its number.</param>
    /// <returns>What the environments are.</returns>
    /// <exception cref="SafeMarlException">The policy does not fit the environment.</exception>
    /// <exception cref="EnvironmentException">The environment reports something that no bound could be stated for, or an episode does not end.</exception>
    public static EnvironmentSpec Play(Policy? policy, Func<IMultiAgentEnvironment> factory, EvaluationOptions options, Func<IMultiAgentEnvironment, int, IEpisodeObserver> observe)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Episodes);
        if (options.Exploration is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(options), options.Exploration, $"{nameof(EvaluationOptions)}.{nameof(EvaluationOptions.Exploration)} is {options.Exploration}; it must lie between 0 and 1.");
        int threads = Math.Min(options.Episodes, options.WorkerThreads > 0 ? options.WorkerThreads : Environment.ProcessorCount);
        EnvironmentSpec? spec = null;
        ParallelWork.Run(threads, Enumerable.Range(0, threads).Select<int, Action>(worker => () =>
        {
            using IMultiAgentEnvironment environment = factory();
            if (policy is not null)
                ThrowIfUnfit(policy, environment.Spec);
            ThrowIfUnknown(options.CostLimits, environment.Spec);
            spec = environment.Spec;
            var memory = new StepMemory(environment.Spec, 1);
            for (int i = worker; i < options.Episodes; i += threads)
                Play(policy, environment, memory, options, i, observe(environment, i));
        }));
        return spec!;
    }

    private static void Play(Policy? policy, IMultiAgentEnvironment environment, StepMemory memory, EvaluationOptions options, int index, IEpisodeObserver observer)
    {
        EnvironmentSpec spec = environment.Spec;
        var random = new RandomStream(RandomStream.Derive(options.Seed, ActionStream, index));
        var action = new float[spec.Layout.ActionSize];
        AgentMemory[] memories = policy is null ? [] : [.. policy.Agents.Select(a => a.CreateMemory())];
        environment.Reset(RandomStream.Derive(options.Seed, EpisodeStream, index), memory[0]);
        EpisodeStatus status = EpisodeStatus.Running;
        int length = 0;
        while (status == EpisodeStatus.Running)
        {
            if (policy is null)
                RandomActions.Sample(spec, memory[0], ref random, action);
            else
                Act(policy, spec, memory[0], memories, options, ref random, action);
            observer.Before(memory, action);
            status = environment.Step(action, memory[0]);
            length++;
            ThrowIfMeaningless(spec, memory[0], length, index);
            if (status == EpisodeStatus.Running && length >= spec.EpisodeLength)
                throw new EnvironmentException($"Episode {index} of '{spec.Name}' goes on after {length} steps, its declared limit.");
            observer.After(memory[0], status);
        }
    }

    private static void Act(Policy policy, EnvironmentSpec spec, StepBuffer step, AgentMemory[] memories, EvaluationOptions options, ref RandomStream random, Span<float> action)
    {
        float logProb = 0;
        for (int agent = 0; agent < spec.Agents.Count; agent++)
        {
            Span<float> own = action[spec.Layout.Action(agent)], observation = step.Observation(agent), mask = step.ActionMask(agent);
            if (options.Deterministic)
            {
                policy.Agents[agent].Act(observation, mask, memories[agent], own);
                continue;
            }
            policy.Agents[agent].Sample(new ActingRows
            {
                Random = new Span<RandomStream>(ref random), Observations = observation, ObservationStride = observation.Length, Masks = mask, MaskStride = mask.Length,
                Memories = memories[agent].Values, MemoryStride = memories[agent].Values.Length, Actions = own, ActionStride = own.Length, LogProbs = new Span<float>(ref logProb), Exploration = options.Exploration,
            });
        }
    }

    // A comparison with a number that is not finite is false, and a violation would be counted as none.
    private static void ThrowIfMeaningless(EnvironmentSpec spec, StepBuffer step, int length, int episode)
    {
        for (int agent = 0; agent < spec.Agents.Count; agent++)
        {
            if (!float.IsFinite(step.Reward(agent)))
                throw Meaningless(agent, "reward", step.Reward(agent), "finite");
            if (spec.HasDeviation && step.Deviation(agent) is not (>= 0 and < float.PositiveInfinity))
                throw Meaningless(agent, "deviation", step.Deviation(agent), "finite and at least 0");
            for (int channel = 0; channel < step.Costs(agent).Length; channel++)
            {
                if (step.Cost(agent, channel) is not (>= 0 and < float.PositiveInfinity))
                    throw Meaningless(agent, $"cost '{spec.Agents[agent].Costs[channel].Name}'", step.Cost(agent, channel), "finite and at least 0");
            }
        }

        EnvironmentException Meaningless(int agent, string quantity, float value, string allowed) =>
            new($"The {quantity} of '{spec.Agents[agent].Name}' in '{spec.Name}' is {value} in step {length} of episode {episode}; it must be {allowed}.");
    }

    private static void ThrowIfUnknown(IReadOnlyDictionary<string, double> limits, EnvironmentSpec spec)
    {
        string[] known = [.. spec.Agents.SelectMany(a => a.Costs).Select(c => c.Name).Distinct()];
        if (limits.Keys.FirstOrDefault(c => !known.Contains(c)) is { } unknown)
            throw new SafeMarlException($"A limit is given for '{unknown}', but the costs of '{spec.Name}' are: {string.Join(", ", known)}.");
    }

    private static void ThrowIfUnfit(Policy policy, EnvironmentSpec spec)
    {
        string made = string.Join(", ", policy.Agents.Select(Describe)), needed = string.Join(", ", spec.Agents.Select(a => $"{a.Name}: {a.ObservationSize} -> {a.ActionSpace}"));
        if (made != needed)
            throw new SafeMarlException($"The policy does not fit '{spec.Name}'. Policy: {made}. Environment: {needed}.");

        static string Describe(PolicyAgent agent) => $"{agent.Name}: {agent.ObservationSize} -> {agent.ActionSpace}";
    }
}
