using SafeMarl.Environments;
using SafeMarl.ML.Policies;

namespace SafeMarl.ML;

/// <summary>
/// What an agent has learned about the safety of what all agents do: certificates that travel with its policy. Managed code, nothing is
/// allocated, and several threads may ask at once.
/// </summary>
/// <remarks>
/// A safety certificate estimates the discounted sum of -cost from a step on, as the policies go on: 0 where nothing will happen, the more negative the
/// worse (MAS3AC, eq. 6). A reachability certificate is minus the largest cost to come. The stability certificate estimates the discounted sum
/// of deviations, the Lyapunov value (eq. 7).
/// </remarks>
public sealed class AgentCertificates
{
    private readonly string _agent;
    private readonly CertificateShape _shape;
    private readonly ActionSpace[] _spaces;
    private readonly int[] _ownState;

    internal AgentCertificates(string agent, CertificateShape shape, IReadOnlyList<IPolicyNetwork> networks)
    {
        (_agent, _shape) = (agent, shape);
        _spaces = [.. shape.Actions.Select(a => a.ToActionSpace())];
        _ownState = [.. shape.OwnState];
        SafetyNetworks = [.. shape.Safety.Select(n => (DenseNetwork)networks[n])];
        StabilityNetwork = shape.Stability is { } stability ? (DenseNetwork)networks[stability] : null;
    }

    /// <summary>Names of the agent's costs, each of which has a safety certificate.</summary>
    public IReadOnlyList<string> Costs => _shape.Costs;

    /// <summary>Whether there is a stability certificate.</summary>
    public bool HasStability => StabilityNetwork is not null;

    /// <summary>Whether certificates look at the global state (or all observations, where the task has none); otherwise at the agent's observation.</summary>
    public bool LooksAtState => _shape.LooksAtState;

    /// <summary>Numbers of what certificates look at beside actions.</summary>
    public int ViewSize => _shape.ViewSize;

    /// <summary>Numbers in a joint action.</summary>
    public int JointActionSize => _shape.JointActionSize;

    /// <summary>Discount of the certificates.</summary>
    public double Gamma => _shape.Gamma;

    /// <summary>What a safety certificate is a value of.</summary>
    public SafetyCertificateKind Kind => _shape.Kind;

    /// <summary>Thresholds below which a safety certificate predicts a violation, one for each cost; empty until they are calibrated.</summary>
    public IReadOnlyList<AlarmThreshold> Alarms => _shape.Alarms;

    internal IReadOnlyList<DenseNetwork> SafetyNetworks { get; }

    internal DenseNetwork? StabilityNetwork { get; }

    /// <summary>The safety certificate of every cost.</summary>
    /// <param name="view">The state or the agent's observation, see <see cref="LooksAtState"/>.</param>
    /// <param name="jointAction">The actions of all agents, in their own bounds.</param>
    /// <param name="values">Receives a value for each cost.</param>
    /// <exception cref="ArgumentException">A span has the wrong length; the message names both.</exception>
    public void Safety(ReadOnlySpan<float> view, ReadOnlySpan<float> jointAction, Span<float> values)
    {
        Check(view, jointAction);
        if (values.Length != Costs.Count)
            throw new ArgumentException($"Agent '{_agent}' has {Costs.Count} safety certificates; the destination has {values.Length}.", nameof(values));
        int size = SafetyNetworks[0].Shape.Inputs;
        using var large = new LargeScratch(size);
        Span<float> input = large.IsNeeded ? large.Span : stackalloc float[size];
        WriteJoint(view, jointAction, input);
        for (int i = 0; i < values.Length; i++)
        {
            SafetyNetworks[i].Forward(input, 1, size, values.Slice(i, 1));
            if (Kind == SafetyCertificateKind.Reachability)
                values[i] = -values[i];
        }
    }

    /// <summary>The stability certificate.</summary>
    /// <param name="observation">The agent's observation.</param>
    /// <param name="view">The state or the agent's observation, see <see cref="LooksAtState"/>.</param>
    /// <param name="jointAction">The actions of all agents, in their own bounds.</param>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    /// <exception cref="ArgumentException">A span has the wrong length; the message names both.</exception>
    public float Stability(ReadOnlySpan<float> observation, ReadOnlySpan<float> view, ReadOnlySpan<float> jointAction)
    {
        DenseNetwork network = StabilityNetwork ?? throw new InvalidOperationException($"Agent '{_agent}' has no stability certificate: its task reported no deviation.");
        Check(view, jointAction);
        int size = network.Shape.Inputs;
        using var large = new LargeScratch(size);
        Span<float> input = large.IsNeeded ? large.Span : stackalloc float[size];
        if (_ownState.Length == 0)
            WriteJoint(view, jointAction, input);
        else
            WriteOwn(observation, jointAction, input);
        float value = 0;
        network.Forward(input, 1, size, new Span<float>(ref value));
        return value;
    }

    private void WriteJoint(ReadOnlySpan<float> view, ReadOnlySpan<float> jointAction, Span<float> input)
    {
        view.CopyTo(input);
        int next = view.Length;
        for (int i = 0; i < _spaces.Length; i++)
            next += Encode(i, jointAction, input[next..]);
        input[next..].Clear();
    }

    private void WriteOwn(ReadOnlySpan<float> observation, ReadOnlySpan<float> jointAction, Span<float> input)
    {
        for (int i = 0; i < _ownState.Length; i++)
            input[i] = observation[_ownState[i]];
        Encode(_shape.OwnAction, jointAction, input[_ownState.Length..]);
    }

    private int Encode(int action, ReadOnlySpan<float> jointAction, Span<float> input)
    {
        CertificateAction place = _shape.Actions[action];
        ActionEncoding.Encode(_spaces[action], jointAction.Slice(place.Offset, place.Size), input[..place.EncodedSize]);
        return place.EncodedSize;
    }

    private void Check(ReadOnlySpan<float> view, ReadOnlySpan<float> jointAction)
    {
        if (view.Length != ViewSize)
            throw new ArgumentException($"The certificates of agent '{_agent}' look at {(LooksAtState ? "a state" : "an observation")} of {ViewSize} numbers; got {view.Length}.", nameof(view));
        if (jointAction.Length != JointActionSize)
            throw new ArgumentException($"A joint action has {JointActionSize} numbers; got {jointAction.Length}.", nameof(jointAction));
    }
}
