namespace SafeMarl.ML.Policies;

/// <summary>
/// A feed-forward network: <c>[LayerNorm] -> [Linear, activation, [LayerNorm]] x hidden layers -> Linear</c>. The same shape describes
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
internal sealed record NetworkShape(
    int Inputs, int Outputs, int HiddenSize, int HiddenLayers, Activation Activation, bool InputNorm, bool LayerNorm, Activation? LastActivation = null)
{
    /// <summary>epsilon of every LayerNorm.</summary>
    public const double NormEpsilon = 1e-5;

    /// <summary>Nonlinearity after a hidden layer.</summary>
    public Activation ActivationOf(int layer) => layer == HiddenLayers - 1 ? LastActivation ?? Activation : Activation;

    /// <summary>Names and sizes of all parameters in order; a matrix is <c>[out, in]</c> as in torch.</summary>
    public IEnumerable<(string Name, long[] Shape)> Parameters()
    {
        if (InputNorm)
        {
            yield return ("input_norm.weight", [Inputs]);
            yield return ("input_norm.bias", [Inputs]);
        }
        for (int layer = 0; layer < HiddenLayers; layer++)
        {
            yield return ($"hidden{layer}.weight", [HiddenSize, layer == 0 ? Inputs : HiddenSize]);
            yield return ($"hidden{layer}.bias", [HiddenSize]);
            if (LayerNorm)
            {
                yield return ($"norm{layer}.weight", [HiddenSize]);
                yield return ($"norm{layer}.bias", [HiddenSize]);
            }
        }
        yield return ("output.weight", [Outputs, HiddenSize]);
        yield return ("output.bias", [Outputs]);
    }
}
