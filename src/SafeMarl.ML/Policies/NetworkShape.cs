using System.Text.Json.Serialization;

namespace SafeMarl.ML.Policies;

/// <summary>
/// A network: <c>[LayerNorm] -> [Linear, activation, [LayerNorm]] x hidden layers -> [recurrent unit] -> Linear</c>. The same shape describes
/// the torch module that learns and the managed network that acts.
/// </summary>
/// <param name="Inputs">Numbers in.</param>
/// <param name="Outputs">Numbers out.</param>
/// <param name="HiddenSize">Width of every hidden layer.</param>
/// <param name="HiddenLayers">Number of hidden layers, at least 1.</param>
/// <param name="Activation">Nonlinearity after each hidden layer.</param>
/// <param name="InputNorm">A LayerNorm before the first layer.</param>
/// <param name="LayerNorm">A LayerNorm after each activation.</param>
/// <param name="LastActivation">Nonlinearity after the last hidden layer; null: as after the others.</param>
/// <param name="Recurrence">What makes it recurrent; null: it is not. A recurrent network has one hidden layer and no LayerNorm.</param>
internal sealed record NetworkShape(
    int Inputs, int Outputs, int HiddenSize, int HiddenLayers, Activation Activation, bool InputNorm, bool LayerNorm, Activation? LastActivation = null,
    Recurrence? Recurrence = null)
{
    /// <summary>epsilon of every LayerNorm.</summary>
    public const double NormEpsilon = 1e-5;

    /// <summary>Nonlinearity after a hidden layer.</summary>
    public Activation ActivationOf(int layer) => layer == HiddenLayers - 1 ? LastActivation ?? Activation : Activation;

    /// <summary>Numbers that the first layer takes: of a recurrent network, the observation, the last action and which agent it is.</summary>
    [JsonIgnore]
    public int EncodedInputs => Inputs + (Recurrence is null ? 0 : Alternatives + Recurrence.Agents);

    /// <summary>What an agent can choose from.</summary>
    [JsonIgnore]
    public int Alternatives => Recurrence?.Alternatives ?? Outputs;

    /// <summary>The network beside a recurrent one, which sees the same; null: there is none.</summary>
    [JsonIgnore]
    public NetworkShape? Companion => Recurrence switch
    {
        { Risk: { } risk } => Beside(risk.Levels * risk.Size),
        { Barrier: not null } => Beside(Outputs),
        _ => null,
    };

    private NetworkShape Beside(int outputs) => this with { Outputs = outputs, Recurrence = new Recurrence(Recurrence!.Agents, Alternatives: Alternatives) };

    /// <summary>Numbers that must be kept from step to step: with a network beside it also its own, its outputs, and of a barrier what it promised.</summary>
    [JsonIgnore]
    public int MemorySize => Recurrence is null ? 0
        : Recurrence.MemorySize(HiddenSize) + (Companion is { } beside ? beside.MemorySize + beside.Outputs : 0) + (Recurrence.Barrier is null ? 0 : 1);

    /// <summary>What comes before names of parameters of the network beside it.</summary>
    public const string CompanionPrefix = "companion.";

    /// <summary>Names and sizes of all parameters in order; a matrix is <c>[out, in]</c> as in torch.</summary>
    public IEnumerable<(string Name, long[] Shape)> Parameters() => OwnParameters().Concat(Companion?.Parameters().Select(p => (CompanionPrefix + p.Name, p.Shape)) ?? []);

    /// <summary>The same without those of the network beside it.</summary>
    public IEnumerable<(string Name, long[] Shape)> OwnParameters()
    {
        if (InputNorm)
        {
            yield return ("input_norm.weight", [Inputs]);
            yield return ("input_norm.bias", [Inputs]);
        }
        for (int layer = 0; layer < HiddenLayers; layer++)
        {
            yield return ($"hidden{layer}.weight", [HiddenSize, layer == 0 ? EncodedInputs : HiddenSize]);
            yield return ($"hidden{layer}.bias", [HiddenSize]);
            if (LayerNorm)
            {
                yield return ($"norm{layer}.weight", [HiddenSize]);
                yield return ($"norm{layer}.bias", [HiddenSize]);
            }
        }
        if (Recurrence is not null)
        {
            if (Recurrence.Feedback is { } feedback)
            {
                yield return ("hyper.weight", [feedback.HyperSize, feedback.Quantiles]);
                yield return ("hyper.bias", [feedback.HyperSize]);
                yield return ("generated.weight", [HiddenSize * feedback.Heads * HiddenSize, feedback.HyperSize]);
                yield return ("generated.bias", [HiddenSize * feedback.Heads * HiddenSize]);
                yield return ("heads", [feedback.Heads, HiddenSize]);
                yield return ("quantiles", [feedback.Quantiles, HiddenSize]);
            }
            yield return ("gru.weight_ih", [3 * HiddenSize, HiddenSize]);
            yield return ("gru.weight_hh", [3 * HiddenSize, HiddenSize]);
            yield return ("gru.bias_ih", [3 * HiddenSize]);
            yield return ("gru.bias_hh", [3 * HiddenSize]);
        }
        yield return ("output.weight", [Outputs, HiddenSize]);
        yield return ("output.bias", [Outputs]);
    }
}
