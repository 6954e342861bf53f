using SafeMarl.Environments;
using SafeMarl.ML.Threading;

namespace SafeMarl.ML.Evaluation;

/// <summary>Plays fresh episodes and sums up what they brought.</summary>
internal static class Evaluator
{
    private const long EpisodeStream = 101, ActionStream = 102;

    /// <summary>One played episode: return, costs and deviation of each agent, and its length.</summary>
    private sealed record Episode(double[] Returns, double[][] Costs, double[] Deviations, int Length);

    /// <summary>Evaluates a policy, or the uniformly random one when there is none.</summary>
    /// <exception cref="SafeMarlException">The policy does not fit the environment, or a limit names a channel that it has not.</exception>
    /// <exception cref="EnvironmentException">The environment reports something that no bound could be stated for, or an episode does not end.</exception>
    public static SafeMarlMetrics Evaluate(Policy? policy, Func<IMultiAgentEnvironment> factory, EvaluationOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Episodes);
        Statistics.ThrowIfNoConfidence(options.Confidence);
        int threads = Math.Min(options.Episodes, options.WorkerThreads > 0 ? options.WorkerThreads : Environment.ProcessorCount);
        var episodes = new Episode[options.Episodes];
        EnvironmentSpec? spec = null;
        ParallelWork.Run(threads, Enumerable.Range(0, threads).Select<int, Action>(worker => () =>
        {
            using IMultiAgentEnvironment environment = factory();
            if (policy is not null)
                ThrowIfUnfit(policy, environment.Spec);
            ThrowIfUnknown(options.CostLimits, environment.Spec);
            spec = environment.Spec;
            var memory = new StepMemory(environment.Spec, 1);
            for (int i = worker; i < episodes.Length; i += threads)
                episodes[i] = Play(policy, environment, memory, options, i);
        }));
        return Summarize(spec!, policy?.Origin.CostLimits, episodes, options);
    }

    private static Episode Play(Policy? policy, IMultiAgentEnvironment environment, StepMemory memory, EvaluationOptions options, int index)
    {
        EnvironmentSpec spec = environment.Spec;
        var random = new RandomStream(RandomStream.Derive(options.Seed, ActionStream, index));
        var action = new float[spec.Layout.ActionSize];
        double[] returns = new double[spec.Agents.Count], deviations = new double[spec.Agents.Count];
        double[][] costs = [.. spec.Agents.Select(a => new double[a.Costs.Count])];
        environment.Reset(RandomStream.Derive(options.Seed, EpisodeStream, index), memory[0]);
        EpisodeStatus status = EpisodeStatus.Running;
        int length = 0;
        while (status == EpisodeStatus.Running)
        {
            if (policy is null)
                RandomActions.Sample(spec, memory[0], ref random, action);
            else
                Act(policy, spec, memory[0], options.Deterministic, ref random, action);
            status = environment.Step(action, memory[0]);
            length++;
            ThrowIfMeaningless(spec, memory[0], length, index);
            if (status == EpisodeStatus.Running && length >= spec.EpisodeLength)
                throw new EnvironmentException($"Episode {index} of '{spec.Name}' goes on after {length} steps, its declared limit.");
            for (int agent = 0; agent < returns.Length; agent++)
            {
                returns[agent] += memory[0].Reward(agent);
                deviations[agent] += spec.HasDeviation ? memory[0].Deviation(agent) : 0;
                for (int channel = 0; channel < costs[agent].Length; channel++)
                    costs[agent][channel] += memory[0].Cost(agent, channel);
            }
        }
        return new Episode(returns, costs, deviations, length);
    }

    private static void Act(Policy policy, EnvironmentSpec spec, StepBuffer step, bool deterministic, ref RandomStream random, Span<float> action)
    {
        float logProb = 0;
        for (int agent = 0; agent < spec.Agents.Count; agent++)
        {
            Span<float> own = action[spec.Layout.Action(agent)], observation = step.Observation(agent), mask = step.ActionMask(agent);
            if (deterministic)
                policy.Agents[agent].Act(observation, mask, own);
            else
                policy.Agents[agent].Sample(observation, observation.Length, mask, mask.Length, new Span<RandomStream>(ref random), own, own.Length, new Span<float>(ref logProb));
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

    private static SafeMarlMetrics Summarize(EnvironmentSpec spec, IReadOnlyDictionary<string, double>? trained, Episode[] episodes, EvaluationOptions options)
    {
        return new SafeMarlMetrics
        {
            Episodes = episodes.Length,
            Confidence = options.Confidence,
            Return = Estimate(e => e.Returns.Average()),
            Cost = Estimate(e => e.Costs.Average(c => c.Sum())),
            EpisodeLength = Estimate(e => e.Length),
            Violations = episodes.Count(ViolatesAny),
            ViolationRateUpperBound = Bound(episodes.Count(ViolatesAny)),
            Agents = [.. spec.Agents.Select((agent, a) => new AgentMetrics(
                agent.Name, Estimate(e => e.Returns[a]), [.. agent.Costs.Select((channel, c) => Cost(channel, a, c))],
                spec.HasDeviation ? Estimate(e => e.Deviations[a]) : null))],
        };

        CostMetrics Cost(CostChannel channel, int a, int c)
        {
            int violations = episodes.Count(e => e.Costs[a][c] > Limit(channel));
            return new CostMetrics(channel.Name, Estimate(e => e.Costs[a][c]), Limit(channel), violations, Bound(violations));
        }

        bool ViolatesAny(Episode episode) => spec.Agents.Select((agent, a) => agent.Costs.Select((channel, c) => episode.Costs[a][c] > Limit(channel)).Any(v => v)).Any(v => v);

        double Limit(CostChannel channel) => options.CostLimits.TryGetValue(channel.Name, out double limit) || trained is not null && trained.TryGetValue(channel.Name, out limit)
            ? limit
            : channel.ReferenceLimit ?? 0;

        Estimate Estimate(Func<Episode, double> value)
        {
            double[] values = [.. episodes.Select(value)];
            return new Estimate(values.Average(), Statistics.MeanInterval(values, options.Confidence));
        }

        double Bound(int violations) => Statistics.ViolationRateUpperBound(violations, episodes.Length, options.Confidence);
    }
}
