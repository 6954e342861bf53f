using SafeMarl.Environments;
using SafeMarl.ML.Networks;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.ValueFactorization;

/// <summary>
/// QPLEX (Wang et al. 2021): each agent's value is transformed by the state, and what an action lacks to the best one is weighed by a positive importance
/// of state and joint action: <c>Q = sum_i q_i + sum_i sg[a_i] (lambda_i - 1)</c> with <c>q_i = w_i(s) Q_i + b_i(s)</c> and <c>a_i = w_i(s) (Q_i - max Q_i)</c>.
/// </summary>
internal sealed class Qplex : Mixer
{
    /// <summary>Keeps factors above 0.</summary>
    public const double Positive = 1e-10;

    private readonly IValueTransform _transform;
    private readonly DenseModule[] _keys, _agentFactors, _actionFactors;

    /// <param name="transform">Makes w and b from the state.</param>
    /// <param name="agents">n.</param>
    /// <param name="stateSize">S.</param>
    /// <param name="alternatives">A.</param>
    /// <param name="kernels">Terms of the importance.</param>
    /// <param name="layers">Layers of the networks that make them.</param>
    /// <param name="size">Width of their hidden layers.</param>
    /// <param name="random">Stream of the initial weights.</param>
    /// <param name="placement">Where the parameters live.</param>
    public Qplex(IValueTransform transform, int agents, int stateSize, int alternatives, int kernels, int layers, int size, ref RandomStream random, Placement placement)
        : base(nameof(Qplex))
    {
        _transform = transform;
        register_module("transform", transform.Module);
        (_keys, _agentFactors, _actionFactors) = (new DenseModule[kernels], new DenseModule[kernels], new DenseModule[kernels]);
        for (int k = 0; k < kernels; k++)
        {
            register_module($"key{k}", _keys[k] = DenseModule.Perceptron(stateSize, 1, layers - 1, size, ref random, placement));
            register_module($"agents{k}", _agentFactors[k] = DenseModule.Perceptron(stateSize, agents, layers - 1, size, ref random, placement));
            register_module($"actions{k}", _actionFactors[k] = DenseModule.Perceptron(stateSize + agents * alternatives, agents, layers - 1, size, ref random, placement));
        }
    }

    public override bool SeesActions => true;

    public override Tensor? Regularizer => _transform.Regularizer;

    public override Tensor Mix(Situation situation)
    {
        (Tensor weight, Tensor bias) = _transform.Of(situation.States); // [M, n] each
        Tensor advantages = (weight * (situation.Values - situation.Best!)).detach(); // as the agents learn through the first sum, and lambda through the second
        return (weight * situation.Values + bias).sum([1]) + (advantages * (Importance(situation) - 1)).sum([1]);
    }

    /// <summary>lambda: <c>sum_k |key_k(s)| sigmoid(agents_k(s)) sigmoid(actions_k(s, u))</c> [M, n].</summary>
    public Tensor Importance(Situation situation)
    {
        Tensor both = cat([situation.States, situation.Actions!], 1);
        return _keys.Select((key, k) => (key.forward(situation.States).abs() + Positive) * _agentFactors[k].forward(situation.States).sigmoid() * _actionFactors[k].forward(both).sigmoid())
            .Aggregate((a, b) => a + b);
    }

    /// <summary>A positive factor and a shift of each agent's value.</summary>
    internal interface IValueTransform
    {
        nn.Module Module { get; }

        /// <summary>Factors and shifts for states [M, S], [M, n] each.</summary>
        (Tensor Weight, Tensor Bias) Of(Tensor states);

        /// <summary>Something to add to a loss; null: nothing.</summary>
        Tensor? Regularizer { get; }
    }

    /// <summary>QPLEX's own: two networks of the state.</summary>
    internal sealed class Transform : nn.Module, IValueTransform
    {
        private readonly DenseModule _weight, _bias;

        public Transform(int agents, int stateSize, int size, ref RandomStream random, Placement placement) : base(nameof(Transform))
        {
            register_module("weight", _weight = DenseModule.Perceptron(stateSize, agents, 1, size, ref random, placement));
            register_module("bias", _bias = DenseModule.Perceptron(stateSize, agents, 1, size, ref random, placement));
        }

        public nn.Module Module => this;

        public (Tensor Weight, Tensor Bias) Of(Tensor states) => (_weight.forward(states).abs() + Positive, _bias.forward(states));

        public Tensor? Regularizer => null;
    }
}
