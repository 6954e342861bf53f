using SafeMarl.Environments;
using SafeMarl.ML.Networks;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.ValueFactorization;

/// <summary>
/// A joint value without any form (ResQ and ResZ, Shen et al. 2022): a network of the state and of all agents' values, <c>f(s, Q_1, .., Q_n) + V(s)</c>, or of all their quantiles.
/// </summary>
internal sealed class CentralMixer : Mixer
{
    private readonly DenseModule _joint;
    private readonly DenseModule? _value;

    /// <param name="agents">n.</param>
    /// <param name="stateSize">S.</param>
    /// <param name="quantiles">K of each agent's return and of the team's; null: values are numbers.</param>
    /// <param name="size">Width of the hidden layers.</param>
    /// <param name="random">Stream of the initial weights.</param>
    /// <param name="placement">Where the parameters live.</param>
    public CentralMixer(int agents, int stateSize, int? quantiles, int size, ref RandomStream random, Placement placement) : base(nameof(CentralMixer))
    {
        int each = quantiles ?? 1;
        register_module("joint", _joint = DenseModule.Perceptron(stateSize + agents * each, each, quantiles is null ? 3 : 2, size, ref random, placement));
        if (quantiles is null)
            register_module("value", _value = DenseModule.Perceptron(stateSize, 1, 1, size, ref random, placement));
    }

    public override Tensor Mix(Situation situation) => MixDistributions(situation, situation.Values).squeeze(1);

    public override Tensor MixDistributions(Situation situation, Tensor quantiles)
    {
        Tensor joint = _joint.forward(cat([situation.States, quantiles.flatten(1)], 1));
        return _value is null ? joint : joint + _value.forward(situation.States);
    }
}

/// <summary>What another mixer gives, made negative: <c>-|Q|</c>.</summary>
internal sealed class NegatedMixer : Mixer
{
    private readonly Mixer _mixer;

    public NegatedMixer(Mixer mixer) : base(nameof(NegatedMixer)) => register_module("mixer", _mixer = mixer);

    public override bool SeesActions => _mixer.SeesActions;

    public override Tensor? Regularizer => _mixer.Regularizer;

    public override Tensor Mix(Situation situation) => -_mixer.Mix(situation).abs();

    public override Tensor MixDistributions(Situation situation, Tensor quantiles) => -_mixer.MixDistributions(situation, quantiles).abs();
}
