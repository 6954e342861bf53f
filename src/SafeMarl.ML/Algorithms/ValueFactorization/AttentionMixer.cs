using SafeMarl.Environments;
using SafeMarl.ML.Networks;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.ValueFactorization;

/// <summary>
/// The mixer of RiskQ (Shen et al. 2023) and ResZ (Shen et al. 2022): every quantile of the team's return is the agents' own, weighted alike by what heads that see the state attend to,
/// <c>Z(tau) = sum_h |w_h(s)| sum_i softmax_i(query_h(s) . key_h(unit_i) / sqrt d) Z_i(tau) + c(s)</c>. As the weights do not depend on tau, a risk measure of the team's return is
/// the weighted sum of its agents' risks, so that each agent's least risky action is the team's.
/// </summary>
internal sealed class AttentionMixer : Mixer
{
    private readonly DenseModule[] _queries, _keys;
    private readonly DenseModule _heads, _shift;
    private readonly UnitAttention _attention;
    private readonly int _keySize;
    private readonly bool _monotonic;

    /// <param name="agents">n.</param>
    /// <param name="stateSize">S.</param>
    /// <param name="sizes">Of its parts.</param>
    /// <param name="monotonic">Whether attention is a softmax, so that the team's return rises with the agents'; otherwise it is the bare products, of any sign.</param>
    /// <param name="random">Stream of the initial weights.</param>
    /// <param name="placement">Where the parameters live.</param>
    /// <exception cref="InvalidOptionsException">A state is too short.</exception>
    public AttentionMixer(int agents, int stateSize, Sizes sizes, bool monotonic, ref RandomStream random, Placement placement) : base(nameof(AttentionMixer))
    {
        (_attention, _keySize, _monotonic) = (new UnitAttention(agents, sizes.Unit), sizes.Key, monotonic);
        _attention.ThrowUnlessIn(stateSize);
        (_queries, _keys) = (new DenseModule[sizes.Heads], new DenseModule[sizes.Heads]);
        for (int h = 0; h < sizes.Heads; h++)
        {
            register_module($"query{h}", _queries[h] = DenseModule.Perceptron(stateSize, sizes.Key, 1, sizes.Query, ref random, placement));
            register_module($"key{h}", _keys[h] = DenseModule.Perceptron(sizes.Unit, sizes.Key, 0, sizes.Key, ref random, placement));
        }
        register_module("heads", _heads = DenseModule.Perceptron(stateSize, sizes.Heads, 1, sizes.HeadWeight, ref random, placement));
        register_module("shift", _shift = DenseModule.Perceptron(stateSize, 1, 1, sizes.Shift, ref random, placement));
    }

    /// <summary>Sizes of the parts.</summary>
    /// <param name="Unit">Numbers of each agent that a state begins with.</param>
    /// <param name="Heads">Heads.</param>
    /// <param name="Key">Length d of keys.</param>
    /// <param name="Query">Width of the hidden layer of queries.</param>
    /// <param name="HeadWeight">Width of the hidden layer of heads' weights.</param>
    /// <param name="Shift">Width of the hidden layer of c.</param>
    public sealed record Sizes(int Unit, int Heads, int Key, int Query, int HeadWeight, int Shift);

    public override Tensor Mix(Situation situation) => MixDistributions(situation, situation.Values.unsqueeze(2)).squeeze(1);

    public override Tensor MixDistributions(Situation situation, Tensor quantiles)
    {
        Tensor states = situation.States, units = _attention.Units(states);
        Tensor attention = stack(_keys.Zip(_queries, (key, query) => Attend(UnitAttention.Logits(key.forward(units), query, states) / Math.Sqrt(_keySize))), 1); // [M, heads, n]
        Tensor weights = _heads.forward(states).abs().unsqueeze(1).bmm(attention); // [M, 1, n]
        return weights.bmm(quantiles).squeeze(1) + _shift.forward(states);
    }

    private Tensor Attend(Tensor logits) => _monotonic ? logits.softmax(1) : logits;
}
