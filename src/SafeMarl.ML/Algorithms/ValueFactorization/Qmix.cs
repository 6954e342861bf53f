using SafeMarl.Environments;
using SafeMarl.ML.Networks;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SafeMarl.ML.Algorithms.ValueFactorization;

/// <summary>
/// QMIX (Rashid et al. 2018): a network whose weights other networks make from the state, none of them negative, so that the joint value does not fall
/// when an agent's rises: <c>Q = ELU(q |W_1(s)| + b_1(s)) |w_2(s)| + V(s)</c>.
/// </summary>
internal sealed class Qmix : Mixer
{
    private readonly DenseModule _weights1, _bias1, _weights2, _value;
    private readonly int _agents, _size;

    /// <param name="agents">n.</param>
    /// <param name="stateSize">S.</param>
    /// <param name="size">Width E of the mixing network's hidden layer.</param>
    /// <param name="hypernetLayers">Layers of the networks that make weights.</param>
    /// <param name="hypernetSize">Width of their hidden layers.</param>
    /// <param name="random">Stream of the initial weights.</param>
    /// <param name="placement">Where the parameters live.</param>
    public Qmix(int agents, int stateSize, int size, int hypernetLayers, int hypernetSize, ref RandomStream random, Placement placement) : base(nameof(Qmix))
    {
        (_agents, _size) = (agents, size);
        register_module("weights1", _weights1 = DenseModule.Perceptron(stateSize, agents * size, hypernetLayers - 1, hypernetSize, ref random, placement));
        register_module("bias1", _bias1 = DenseModule.Perceptron(stateSize, size, 0, size, ref random, placement));
        register_module("weights2", _weights2 = DenseModule.Perceptron(stateSize, size, hypernetLayers - 1, hypernetSize, ref random, placement));
        register_module("value", _value = DenseModule.Perceptron(stateSize, 1, 1, size, ref random, placement));
    }

    public override Tensor Mix(Situation situation)
    {
        Tensor[] made = DenseModule.Together(situation.States, _weights1, _bias1, _weights2, _value);
        Tensor weights = made[0].abs().view(-1, _agents, _size); // [M, n, E]
        Tensor hidden = functional.elu(situation.Values.unsqueeze(1).bmm(weights).squeeze(1) + made[1], 1); // [M, E]
        return (hidden * made[2].abs()).sum([1]) + made[3].squeeze(1);
    }
}
