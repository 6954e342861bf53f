using SafeMarl.Environments;

namespace SafeMarl.ML.Evaluation;

/// <summary>Plays fresh episodes and sums up what they brought.</summary>
internal static class Evaluator
{
    /// <summary>Sums up an episode: return, costs and deviation of each agent, its length, and whether it reached the goal.</summary>
    private sealed class Episode(IMultiAgentEnvironment environment) : IEpisodeObserver
    {
        private readonly EnvironmentSpec _spec = environment.Spec;

        public double[] Returns { get; } = new double[environment.Spec.Agents.Count];

        public double[][] Costs { get; } = [.. environment.Spec.Agents.Select(a => new double[a.Costs.Count])];

        public double[] Deviations { get; } = new double[environment.Spec.Agents.Count];

        public int Length { get; private set; }

        /// <summary>Null where there is no goal.</summary>
        public bool? GoalReached { get; private set; }

        public void Before(StepMemory seen, ReadOnlySpan<float> jointAction) { }

        public void After(StepBuffer signals, EpisodeStatus status)
        {
            Length++;
            GoalReached = (environment as IHasGoal)?.GoalReached;
            for (int agent = 0; agent < Returns.Length; agent++)
            {
                Returns[agent] += signals.Reward(agent);
                Deviations[agent] += _spec.HasDeviation ? signals.Deviation(agent) : 0;
                for (int channel = 0; channel < Costs[agent].Length; channel++)
                    Costs[agent][channel] += signals.Cost(agent, channel);
            }
        }
    }

    /// <summary>Evaluates a policy, or the uniformly random one when there is none.</summary>
    /// <exception cref="SafeMarlException">The policy does not fit the environment, or a limit names a channel that it has not.</exception>
    /// <exception cref="EnvironmentException">The environment reports something that no bound could be stated for, or an episode does not end.</exception>
    public static SafeMarlMetrics Evaluate(Policy? policy, Func<IMultiAgentEnvironment> factory, EvaluationOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Episodes);
        Statistics.ThrowIfNoConfidence(options.Confidence);
        var episodes = new Episode[options.Episodes];
        EnvironmentSpec played = EpisodePlayer.Play(policy, factory, options, (environment, i) => episodes[i] = new Episode(environment));
        return Summarize(played, policy?.Origin.CostLimits, episodes, options);
    }

    private static SafeMarlMetrics Summarize(EnvironmentSpec spec, IReadOnlyDictionary<string, double>? trained, Episode[] episodes, EvaluationOptions options)
    {
        return new SafeMarlMetrics
        {
            Episodes = episodes.Length,
            Confidence = options.Confidence,
            Return = Estimate(e => e.Returns.Average()),
            Cost = Estimate(e => e.Costs.Average(c => c.Sum())),
            Deviation = spec.HasDeviation ? Estimate(e => e.Deviations.Average()) : null,
            SuccessRate = episodes[0].GoalReached is null ? null : Rate(episodes.Count(e => e.GoalReached == true)),
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

        Estimate Rate(int successes) => new((double)successes / episodes.Length, Statistics.RateInterval(successes, episodes.Length, options.Confidence));

        double Bound(int violations) => Statistics.ViolationRateUpperBound(violations, episodes.Length, options.Confidence);
    }
}
