using SafeMarl.Environments;

namespace SafeMarl.ML.Policies;

/// <summary>An action that certificates look at, within a joint action in the agents' own bounds.</summary>
/// <param name="Offset">Where it begins in the joint action.</param>
/// <param name="Alternatives">Alternatives of a discrete action; 0 for a box.</param>
/// <param name="Low">Lower bounds of a box.</param>
/// <param name="High">Upper bounds of a box.</param>
internal sealed record CertificateAction(int Offset, int Alternatives, IReadOnlyList<float> Low, IReadOnlyList<float> High)
{
    /// <summary>Numbers that it takes in a certificate's input.</summary>
    public int EncodedSize => Alternatives > 0 ? Alternatives : Low.Count;

    /// <summary>Numbers that it takes in a joint action.</summary>
    public int Size => Alternatives > 0 ? 1 : Low.Count;

    public static CertificateAction Of(ActionSpace space, int offset) => new(offset, space.Count, space.Low, space.High);

    public ActionSpace ToActionSpace() => Alternatives > 0 ? ActionSpace.Discrete(Alternatives) : ActionSpace.Box(Low, High);
}

/// <summary>The certificates of an agent: which networks they are, and what they look at.</summary>
/// <param name="Costs">Names of the agent's costs.</param>
/// <param name="Safety">Index of the network of each cost's safety certificate.</param>
/// <param name="Stability">Index of the network of the stability certificate, if there is one.</param>
/// <param name="LooksAtState">Whether they look at the state; otherwise at the agent's observation.</param>
/// <param name="ViewSize">Numbers of what they look at beside actions.</param>
/// <param name="JointActionSize">Numbers in a joint action.</param>
/// <param name="Actions">Actions that they look at, in the order of their input.</param>
/// <param name="OwnAction">Which of those is the agent's own.</param>
/// <param name="OwnState">Which numbers of the observation the stability certificate looks at; empty: it looks at what the others look at.</param>
/// <param name="Kind">What a safety certificate is a value of.</param>
/// <param name="Gamma">Discount of the certificates.</param>
/// <param name="Alarms">Thresholds that were calibrated on evaluation episodes, one for each cost; empty: none.</param>
internal sealed record CertificateShape(
    IReadOnlyList<string> Costs, IReadOnlyList<int> Safety, int? Stability, bool LooksAtState, int ViewSize, int JointActionSize, IReadOnlyList<CertificateAction> Actions, int OwnAction,
    IReadOnlyList<int> OwnState, SafetyCertificateKind Kind, double Gamma, IReadOnlyList<AlarmThreshold> Alarms)
{
    /// <summary>Numbers that safety certificates take, without what pads smaller neighbourhoods.</summary>
    public int InputSize => ViewSize + Actions.Sum(a => a.EncodedSize);

    /// <summary>Numbers that the stability certificate takes, without padding.</summary>
    public int StabilityInputSize => OwnState.Count == 0 ? InputSize : OwnState.Count + Actions[OwnAction].EncodedSize;

    /// <summary>Indices of all networks.</summary>
    public IEnumerable<int> Networks => Stability is { } stability ? Safety.Append(stability) : Safety;

    /// <summary>The same with other indices of its networks.</summary>
    public CertificateShape With(Func<int, int> index) => this with { Safety = [.. Safety.Select(index)], Stability = Stability is { } stability ? index(stability) : null };

    /// <summary>Checks what a file says.</summary>
    /// <exception cref="FormatException">It is impossible.</exception>
    public void ThrowIfImpossible(IReadOnlyList<NetworkShape> networks, int observationSize)
    {
        bool possible = Costs.Count > 0 && Safety.Count == Costs.Count && (Alarms.Count == 0 || Alarms.Count == Costs.Count) && Enum.IsDefined(Kind) && Gamma is >= 0 and <= 1
            && Networks.All(n => n >= 0 && n < networks.Count && networks[n] is { Outputs: 1, Recurrence: null })
            && ViewSize > 0 && (LooksAtState || ViewSize == observationSize) && OwnAction >= 0 && OwnAction < Actions.Count
            && Actions.All(a => a is { Offset: >= 0, Alternatives: >= 0 } && a.Low.Count == a.High.Count && a.EncodedSize is > 0 and <= PolicyManifest.MaxSize && a.Offset <= JointActionSize - a.Size)
            && OwnState.All(i => i >= 0 && i < observationSize)
            && Safety.All(n => networks[n].Inputs >= InputSize) && (Stability is not { } stability || networks[stability].Inputs >= StabilityInputSize);
        if (!possible)
            throw new FormatException("the certificates of an agent in its manifest are impossible");
    }
}
