using SafeMarl.Environments;
using SafeMarl.ML.Networks;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.ValueFactorization;

/// <summary>
/// The transform of agents' values by attention (Qatten, Yang et al. 2020), as distributional QPLEX has it: an agent's factor is what heads that see the state
/// attend to it among all agents, <c>w_i = sum_h softmax_i(select_h(s) . key_h(unit_i) / sqrt d)</c>, and all share one shift <c>V(s) / n</c>.
/// </summary>
internal sealed class Qatten : nn.Module, Qplex.IValueTransform
{
    private const double LogitCoefficient = 1e-3; // DFAC

    private readonly DenseModule[] _keys, _selectors;
    private readonly DenseModule _value;
    private readonly UnitAttention _attention;
    private readonly int _size;

    /// <param name="agents">n.</param>
    /// <param name="stateSize">S.</param>
    /// <param name="unitSize">Numbers of each agent that a state begins with.</param>
    /// <param name="heads">Heads.</param>
    /// <param name="size">Length d of keys.</param>
    /// <param name="hypernetSize">Width of the hidden layers of what selects.</param>
    /// <param name="random">Stream of the initial weights.</param>
    /// <param name="placement">Where the parameters live.</param>
    /// <exception cref="InvalidOptionsException">A state is too short.</exception>
    public Qatten(int agents, int stateSize, int unitSize, int heads, int size, int hypernetSize, ref RandomStream random, Placement placement) : base(nameof(Qatten))
    {
        (_attention, _size) = (new UnitAttention(agents, unitSize), size);
        _attention.ThrowUnlessIn(stateSize);
        (_keys, _selectors) = (new DenseModule[heads], new DenseModule[heads]);
        for (int h = 0; h < heads; h++)
        {
            register_module($"key{h}", _keys[h] = DenseModule.Perceptron(unitSize, size, 0, size, ref random, placement, outputBias: false));
            register_module($"selector{h}", _selectors[h] = DenseModule.Perceptron(stateSize, size, 1, hypernetSize, ref random, placement, outputBias: false));
        }
        register_module("value", _value = DenseModule.Perceptron(stateSize, 1, 1, size, ref random, placement));
    }

    public nn.Module Module => this;

    public Tensor? Regularizer { get; private set; }

    public (Tensor Weight, Tensor Bias) Of(Tensor states)
    {
        Tensor units = _attention.Units(states);
        Tensor[] logits = [.. _keys.Zip(_selectors, (key, selector) => UnitAttention.Logits(key.forward(units), selector, states))]; // [M, n] each
        Regularizer = LogitCoefficient * logits.Select(l => l.square().mean()).Aggregate((a, b) => a + b);
        Tensor weight = logits.Select(l => (l / Math.Sqrt(_size)).softmax(1)).Aggregate((a, b) => a + b) + Qplex.Positive;
        return (weight, (_value.forward(states) / _attention.Agents).expand(states.shape[0], _attention.Agents));
    }
}
