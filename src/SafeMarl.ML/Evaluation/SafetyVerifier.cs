using System.Reflection;
using SafeMarl.Environments;

namespace SafeMarl.ML.Evaluation;

/// <summary>Plays fresh episodes, counts their losses and states what that certifies.</summary>
internal static class SafetyVerifier
{
    // Sets the seeds apart from those of evaluation and calibration, also where a user gives all of them the same seed.
    private const long VerificationStream = 103;

    /// <summary>Counts the losses of an episode, and remembers which episode it was.</summary>
    private sealed class Episode(IMultiAgentEnvironment environment, string? channel) : IEpisodeObserver
    {
        private readonly bool[] _lost = new bool[environment.Spec.Agents.Count];

        public double Losses { get; private set; }

        /// <summary>A number that other episodes share only if everything was the same in them.</summary>
        public long Trace { get; private set; }

        public void Before(StepMemory seen, ReadOnlySpan<float> jointAction)
        {
            Remember(seen.Observations);
            Remember(jointAction);
        }

        public void After(StepBuffer signals, EpisodeStatus status)
        {
            for (int agent = 0; agent < _lost.Length; agent++)
            {
                if (channel is not null)
                    Losses += CostOf(agent, signals);
                else if (!_lost[agent] && ((ILosableAgents)environment).IsLost(agent))
                    (_lost[agent], Losses) = (true, Losses + 1);
            }
        }

        // Shared costs are one cost that every agent reports.
        private double CostOf(int agent, StepBuffer signals)
        {
            if (environment.Spec.SharedCosts && agent > 0)
                return 0;
            IReadOnlyList<CostChannel> costs = environment.Spec.Agents[agent].Costs;
            for (int i = 0; i < costs.Count; i++)
            {
                if (costs[i].Name == channel)
                    return signals.Cost(agent, i);
            }
            return 0;
        }

        private void Remember(ReadOnlySpan<float> values)
        {
            foreach (float value in values)
                Trace = RandomStream.Derive(Trace, BitConverter.SingleToInt32Bits(value));
        }
    }

    /// <summary>Verifies a policy.</summary>
    /// <exception cref="InvalidOptionsException">An option is outside its range.</exception>
    /// <exception cref="SafeMarlException">The policy does not fit the environment, or it is not clear what is to be counted.</exception>
    public static (SafetyCard Card, double[] Losses) Verify(Policy policy, Func<IMultiAgentEnvironment> factory, VerificationOptions options)
    {
        options.ThrowIfInvalid();
        string? channel = WhatToCount(factory, options);
        var episodes = new Episode[options.Episodes];
        var play = new EvaluationOptions
        {
            Episodes = options.Episodes, Deterministic = options.Deterministic, Seed = RandomStream.Derive(options.Seed, VerificationStream), WorkerThreads = options.WorkerThreads,
        };
        EnvironmentSpec spec = EpisodePlayer.Play(policy, factory, play, (environment, i) => episodes[i] = new Episode(environment, channel));

        double[] losses = [.. episodes.Select(e => e.Losses)];
        int violations = losses.Count(l => l > options.MaxLosses);
        double beta = (1 - options.Confidence) / options.Candidates;
        long parameters = policy.CountParameters();
        var card = new SafetyCard
        {
            Task = spec.Name,
            Cost = channel,
            Seed = options.Seed,
            Deterministic = options.Deterministic,
            Episodes = losses.Length,
            DistinctEpisodes = episodes.Select(e => e.Trace).Distinct().Count(),
            MaxLosses = options.MaxLosses,
            UnsafeEpisodes = violations,
            MeanLosses = losses.Average(),
            Confidence = options.Confidence,
            Candidates = options.Candidates,
            Epsilon = ScenarioBounds.BinomialTail(violations, losses.Length, beta),
            ChosenLimit = new ChosenLimit(
                options.Exceedances, ScenarioBounds.ChosenThreshold(losses, options.Exceedances), ScenarioBounds.BinomialTail(options.Exceedances, losses.Length, beta)),
            Theorem = new TheoremComparison(parameters, ScenarioBounds.Theorem52(violations, losses.Length, parameters, beta)),
            Date = options.TimeProvider.GetUtcNow(),
            LibraryVersion = Version(),
        };
        return (card, losses);
    }

    // A cost; null: lost agents.
    private static string? WhatToCount(Func<IMultiAgentEnvironment> factory, VerificationOptions options)
    {
        using IMultiAgentEnvironment environment = factory();
        EnvironmentSpec spec = environment.Spec;
        string[] known = [.. spec.Agents.SelectMany(a => a.Costs).Select(c => c.Name).Distinct()];
        if (options.Cost is { } channel)
        {
            return known.Contains(channel) ? channel
                : throw VerificationOptions.Bad(nameof(options.Cost), $"'{channel}'", $"a cost of '{spec.Name}': {string.Join(", ", known)}");
        }
        if (environment is not ILosableAgents)
        {
            return known.Length == 1 ? known[0]
                : throw VerificationOptions.Bad(nameof(options.Cost), "null", $"a cost of '{spec.Name}', which does not say which agents are lost ({nameof(ILosableAgents)}): {string.Join(", ", known)}");
        }
        if (options.MaxLosses >= spec.Agents.Count)
            throw VerificationOptions.Bad(nameof(options.MaxLosses), options.MaxLosses, $"from 0 to {spec.Agents.Count - 1}: '{spec.Name}' has {spec.Agents.Count} agents, and no episode can lose more");
        return null;
    }

    private static string Version() => typeof(SafetyVerifier).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
}
