using SafeMarl.Environments;

namespace SafeMarl.ML.Evaluation;

/// <summary>Plays held-out episodes and compares what certificates say with what comes.</summary>
internal static class CertificateCalibrator
{
    private const int Bins = 20;
    private const double Tail = 0.05;

    /// <summary>What was said and what came in an episode.</summary>
    private sealed class Episode(EnvironmentSpec spec, Policy policy) : IEpisodeObserver
    {
        private readonly List<double>[][] _safety = Lists(spec), _costs = Lists(spec); // [A][channel]
        private readonly List<double>[] _stability = [.. spec.Agents.Select(_ => new List<double>())], _deviations = [.. spec.Agents.Select(_ => new List<double>())];
        private readonly float[] _values = new float[spec.Agents.Max(a => a.Costs.Count)];
        private EpisodeStatus _status;

        public void Before(StepMemory seen, ReadOnlySpan<float> jointAction)
        {
            ReadOnlySpan<float> state = spec.StateSize > 0 ? seen.States : seen.Observations;
            for (int agent = 0; agent < _safety.Length; agent++)
            {
                AgentCertificates certificates = policy.Agents[agent].Certificates!;
                ReadOnlySpan<float> observation = seen[0].Observation(agent), view = certificates.LooksAtState ? state : observation;
                Span<float> values = _values.AsSpan(0, _safety[agent].Length);
                certificates.Safety(view, jointAction, values);
                for (int channel = 0; channel < values.Length; channel++)
                    _safety[agent][channel].Add(values[channel]);
                if (certificates.HasStability)
                    _stability[agent].Add(certificates.Stability(observation, view, jointAction));
            }
        }

        public void After(StepBuffer signals, EpisodeStatus status)
        {
            _status = status;
            for (int agent = 0; agent < _costs.Length; agent++)
            {
                for (int channel = 0; channel < _costs[agent].Length; channel++)
                    _costs[agent][channel].Add(signals.Cost(agent, channel));
                if (spec.HasDeviation)
                    _deviations[agent].Add(signals.Deviation(agent));
            }
        }

        public CertifiedEpisode Safety(int agent, int channel) => new([.. _safety[agent][channel]], [.. _costs[agent][channel]]);

        /// <summary>What a safety certificate said, and what came.</summary>
        public IEnumerable<(double Predicted, double Realized)> SafetyPairs(int agent, int channel)
        {
            AgentCertificates certificates = policy.Agents[agent].Certificates!;
            double gamma = certificates.Gamma;
            Func<double, double, double> after = certificates.Kind == SafetyCertificateKind.Barrier
                ? (cost, next) => -cost + gamma * next
                : (cost, next) => -((1 - gamma) * cost + gamma * Math.Max(cost, -next));
            return Pairs(_safety[agent][channel], _costs[agent][channel], after);
        }

        /// <summary>What the stability certificate said, and what came.</summary>
        public IEnumerable<(double Predicted, double Realized)> StabilityPairs(int agent)
        {
            double gamma = policy.Agents[agent].Certificates!.Gamma;
            return Pairs(_stability[agent], _deviations[agent], (deviation, next) => deviation + gamma * next);
        }

        // Backwards from the end: nothing after a termination; after a cut, the certificate's word at the last step stands for the rest, and that step is left out.
        private IEnumerable<(double Predicted, double Realized)> Pairs(List<double> predicted, List<double> signal, Func<double, double, double> after)
        {
            bool terminated = _status == EpisodeStatus.Terminated;
            double realized = terminated ? 0 : predicted[^1];
            for (int t = predicted.Count - (terminated ? 1 : 2); t >= 0; t--)
            {
                realized = after(signal[t], realized);
                yield return (predicted[t], realized);
            }
        }

        private static List<double>[][] Lists(EnvironmentSpec spec) => [.. spec.Agents.Select(a => a.Costs.Select(_ => new List<double>()).ToArray())];
    }

    /// <summary>Compares all certificates of a policy, and chooses the thresholds of its alarms.</summary>
    /// <exception cref="SafeMarlException">The policy has no certificates, or does not fit the environment.</exception>
    public static (IReadOnlyList<CertificateFit> Fits, Policy Calibrated) Calibrate(Policy policy, Func<IMultiAgentEnvironment> factory, CalibrationOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Episodes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.LeadSteps);
        ThrowUnlessShare(options.MissRate, nameof(options.MissRate));
        ThrowUnlessShare(options.FalseAlarmRate, nameof(options.FalseAlarmRate));
        var episodes = new Episode[options.Episodes];
        var play = new EvaluationOptions { Episodes = options.Episodes, Deterministic = options.Deterministic, Seed = options.Seed, WorkerThreads = options.WorkerThreads };
        EnvironmentSpec spec = EpisodePlayer.Play(policy, factory, play, (environment, i) => episodes[i] = new Episode(environment.Spec, policy));

        var fits = new List<CertificateFit>();
        var alarms = new List<IReadOnlyList<AlarmThreshold>>();
        for (int agent = 0; agent < policy.Agents.Count; agent++)
        {
            int index = agent;
            PolicyAgent own = policy.Agents[agent];
            var thresholds = new List<AlarmThreshold>();
            foreach ((string cost, int channel) in own.Certificates!.Costs.Select((cost, channel) => (cost, channel)))
            {
                thresholds.Add(AlarmCalibration.Calibrate(cost, [.. episodes.Select(e => e.Safety(index, channel))], options.MissRate, options.FalseAlarmRate, options.LeadSteps));
                fits.Add(Compare(own.Name, cost, [.. episodes.SelectMany(e => e.SafetyPairs(index, channel))], thresholds[^1]));
            }
            // Where the task reports no deviation, there is nothing to hold a stability certificate against.
            if (own.Certificates.HasStability && spec.HasDeviation)
                fits.Add(Compare(own.Name, null, [.. episodes.SelectMany(e => e.StabilityPairs(index))], null));
            alarms.Add(thresholds);
        }
        return (fits, policy.WithAlarms(alarms));
    }

    private static CertificateFit Compare(string agent, string? cost, (double Predicted, double Realized)[] pairs, AlarmThreshold? alarm)
    {
        if (pairs.Length == 0)
            return new CertificateFit(agent, cost, 0, double.NaN, double.NaN, double.NaN, double.NaN, [], alarm);
        double predicted = pairs.Average(p => p.Predicted), realized = pairs.Average(p => p.Realized);
        double covariance = pairs.Average(p => (p.Predicted - predicted) * (p.Realized - realized));
        double variances = pairs.Average(p => Math.Pow(p.Predicted - predicted, 2)) * pairs.Average(p => Math.Pow(p.Realized - realized, 2));
        Array.Sort(pairs, static (a, b) => a.Predicted.CompareTo(b.Predicted));
        int bins = Math.Min(Bins, pairs.Length);
        return new CertificateFit(
            agent, cost, pairs.Length, predicted, realized, Math.Sqrt(pairs.Average(p => Math.Pow(p.Predicted - p.Realized, 2))), covariance / Math.Sqrt(variances),
            [.. Enumerable.Range(0, bins).Select(i => Bin(pairs[(int)((long)i * pairs.Length / bins)..(int)((i + 1L) * pairs.Length / bins)]))], alarm);
    }

    private static CertificateBin Bin((double Predicted, double Realized)[] pairs)
    {
        double[] realized = [.. pairs.Select(p => p.Realized).Order()];
        return new CertificateBin(
            pairs.Length, pairs.Average(p => p.Predicted), realized.Average(), realized[(int)(Tail * (realized.Length - 1))], realized[(int)Math.Ceiling((1 - Tail) * (realized.Length - 1))]);
    }

    private static void ThrowUnlessShare(double value, string name)
    {
        if (!(value > 0 && value < 1))
            throw new ArgumentOutOfRangeException(name, value, "It must lie between 0 and 1.");
    }
}
