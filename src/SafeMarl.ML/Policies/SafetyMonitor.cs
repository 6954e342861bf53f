using SafeMarl.Environments;
using SafeMarl.ML.Policies;

namespace SafeMarl.ML;

/// <summary>A violation that a safety certificate predicts.</summary>
/// <param name="Agent">Name of the agent.</param>
/// <param name="Cost">Name of the cost.</param>
/// <param name="Certificate">What the certificate says of the joint action.</param>
/// <param name="Threshold">The threshold that it is below.</param>
public sealed record PredictedViolation(string Agent, string Cost, double Certificate, double Threshold);

/// <summary>Replaces a joint action for which a violation is predicted.</summary>
/// <param name="violation">The prediction; of several, the one furthest below its threshold.</param>
/// <param name="observations">Observations of all agents, one after the other.</param>
/// <param name="state">The global state; empty where the task has none.</param>
/// <param name="jointAction">What the agents were to do; may be overwritten.</param>
public delegate void SafetyFallback(PredictedViolation violation, ReadOnlySpan<float> observations, ReadOnlySpan<float> state, Span<float> jointAction);

/// <summary>
/// Watches what all agents are about to do, in a service or a simulation, and tells when a learned safety certificate predicts a violation: then it
/// raises an event and lets a fallback replace the joint action.
/// </summary>
/// <remarks>
/// A certificate predicts a violation when it is below the threshold that was calibrated on evaluation episodes and travels with the policy
/// (<see cref="SafeMarlCatalog.CalibrateCertificates"/>). Managed code; nothing is allocated unless a violation is predicted; several threads may ask at once, if the event's
/// handlers and the fallback allow it. What is not known of a new situation no threshold can say: the calibration holds for episodes like those that
/// it was made on.
/// </remarks>
public sealed class SafetyMonitor
{
    private readonly Policy _policy;
    private readonly SafetyFallback? _fallback;
    private readonly int[] _observations, _actions; // where each agent's part begins
    private readonly int _stateSize, _mostCosts;

    /// <summary>Makes a monitor.</summary>
    /// <param name="policy">A policy with calibrated certificates.</param>
    /// <param name="fallback">Replaces joint actions for which a violation is predicted; null: they stay.</param>
    /// <exception cref="SafeMarlException">The policy has no certificates, or they were never calibrated.</exception>
    public SafetyMonitor(Policy policy, SafetyFallback? fallback = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        policy.ThrowIfUncertified();
        if (policy.Agents.FirstOrDefault(a => a.Certificates!.Alarms.Count == 0) is { } agent)
            throw new SafeMarlException($"The certificates of agent '{agent.Name}' have no thresholds: calibrate them with mlContext.SafeMarl().CalibrateCertificates and save the policy that it gives back.");
        (_policy, _fallback) = (policy, fallback);
        (_observations, _actions) = (new int[policy.Agents.Count + 1], new int[policy.Agents.Count + 1]);
        for (int i = 0; i < policy.Agents.Count; i++)
        {
            _observations[i + 1] = _observations[i] + policy.Agents[i].ObservationSize;
            _actions[i + 1] = _actions[i] + policy.Agents[i].ActionSpace.Size;
        }
        _stateSize = policy.Agents.Where(a => a.Certificates!.LooksAtState).Select(a => a.Certificates!.ViewSize).FirstOrDefault();
        _mostCosts = policy.Agents.Max(a => a.Certificates!.Costs.Count);
    }

    /// <summary>Raised for every certificate that predicts a violation, before the fallback is called.</summary>
    public event EventHandler<PredictedViolation>? ViolationPredicted;

    /// <summary>The policy that is watched.</summary>
    public Policy Policy => _policy;

    /// <summary>Numbers in the observations of all agents together.</summary>
    public int ObservationSize => _observations[^1];

    /// <summary>Numbers in a joint action.</summary>
    public int ActionSize => _actions[^1];

    /// <summary>Lets all agents take their likeliest action, and checks it.</summary>
    /// <param name="observations">Observations of all agents, one after the other.</param>
    /// <param name="state">The global state; empty where the task has none.</param>
    /// <param name="masks">Action masks of all agents, one after the other; empty where actions are not masked.</param>
    /// <param name="jointAction">Receives what the agents do, or what the fallback makes of it.</param>
    /// <returns>Whether a violation was predicted.</returns>
    /// <exception cref="ArgumentException">A span has the wrong length; the message names both.</exception>
    public bool Act(ReadOnlySpan<float> observations, ReadOnlySpan<float> state, ReadOnlySpan<float> masks, Span<float> jointAction)
    {
        Check(observations, jointAction);
        int mask = 0;
        for (int i = 0; i < _policy.Agents.Count; i++)
        {
            PolicyAgent agent = _policy.Agents[i];
            int size = agent.ActionSpace.IsMasked ? agent.ActionSpace.Count : 0;
            if (mask + size > masks.Length)
                throw new ArgumentException($"The action masks of all agents have more than {masks.Length} numbers.", nameof(masks));
            Span<float> action = jointAction[_actions[i].._actions[i + 1]];
            agent.Act(observations[_observations[i].._observations[i + 1]], masks.Slice(mask, size), action);
            agent.Clip(action);
            mask += size;
        }
        return Watch(observations, state, jointAction);
    }

    /// <summary>Checks what all agents are about to do, whoever chose it.</summary>
    /// <param name="observations">Observations of all agents, one after the other.</param>
    /// <param name="state">The global state; empty where the task has none.</param>
    /// <param name="jointAction">What they are about to do; the fallback may replace it.</param>
    /// <returns>Whether a violation was predicted.</returns>
    /// <exception cref="ArgumentException">A span has the wrong length; the message names both.</exception>
    public bool Watch(ReadOnlySpan<float> observations, ReadOnlySpan<float> state, Span<float> jointAction)
    {
        Check(observations, jointAction);
        // Without a global state, certificates look at all observations.
        ReadOnlySpan<float> seen = state.IsEmpty ? observations : state;
        if (_stateSize > 0 && seen.Length != _stateSize)
            throw new ArgumentException($"The certificates look at a state of {_stateSize} numbers; got {seen.Length}.", nameof(state));
        PredictedViolation? worst = null;
        Span<float> values = stackalloc float[_mostCosts];
        for (int i = 0; i < _policy.Agents.Count; i++)
        {
            AgentCertificates certificates = _policy.Agents[i].Certificates!;
            Span<float> own = values[..certificates.Costs.Count];
            certificates.Safety(certificates.LooksAtState ? seen : observations[_observations[i].._observations[i + 1]], jointAction, own);
            for (int k = 0; k < own.Length; k++)
            {
                double threshold = certificates.Alarms[k].Threshold;
                if (own[k] >= threshold)
                    continue;
                var violation = new PredictedViolation(_policy.Agents[i].Name, certificates.Costs[k], own[k], threshold);
                ViolationPredicted?.Invoke(this, violation);
                if (worst is null || violation.Certificate - violation.Threshold < worst.Certificate - worst.Threshold)
                    worst = violation;
            }
        }
        if (worst is not null)
            _fallback?.Invoke(worst, observations, state, jointAction);
        return worst is not null;
    }

    private void Check(ReadOnlySpan<float> observations, Span<float> jointAction)
    {
        if (observations.Length != ObservationSize)
            throw new ArgumentException($"The observations of all agents have {ObservationSize} numbers; got {observations.Length}.", nameof(observations));
        if (jointAction.Length != ActionSize)
            throw new ArgumentException($"A joint action has {ActionSize} numbers; got {jointAction.Length}.", nameof(jointAction));
    }
}
