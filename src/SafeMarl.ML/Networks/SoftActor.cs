using SafeMarl.Environments;
using SafeMarl.ML.Policies;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SafeMarl.ML.Networks;

/// <summary>
/// The policy of soft actor-critics. Its actions are what critics see: numbers in [-1, 1] for a box, a one-hot vector for alternatives; the
/// gradient flows through them.
/// </summary>
internal sealed class SoftActor : Module<Tensor, Tensor>
{
    private const double OutputGain = 0.01;

    private readonly DenseModule _body;
    private readonly bool _discrete;

    /// <summary>Makes a policy.</summary>
    /// <param name="shape">Its network, with as many outputs as the head takes.</param>
    /// <param name="space">What the agent can do.</param>
    /// <param name="initialization">How the weights begin.</param>
    /// <param name="random">Stream of the initial weights.</param>
    /// <param name="placement">Where the parameters live.</param>
    public SoftActor(NetworkShape shape, ActionSpace space, Initialization initialization, ref RandomStream random, Placement placement)
        : base(nameof(SoftActor))
    {
        _discrete = space.IsDiscrete;
        register_module("body", _body = new DenseModule(shape, OutputGain, ref random, placement, initialization));
    }

    /// <summary>The network's layers and sizes.</summary>
    public NetworkShape Shape => _body.Shape;

    /// <summary>How such a policy acts.</summary>
    public static PolicyHead HeadOf(ActionSpace space) => space.IsDiscrete ? PolicyHead.Categorical : PolicyHead.SquashedGaussian;

    /// <summary>Means and logarithms of standard deviations, or logits: [B, observation] to [B, outputs].</summary>
    public override Tensor forward(Tensor input) => _body.forward(input);

    /// <summary>Draws an action for every observation.</summary>
    /// <param name="observations">[B, observation]</param>
    /// <param name="masks">[B, n], or null.</param>
    /// <param name="noise">Standard normal [B, D], or standard Gumbel [B, n].</param>
    /// <returns>Actions [B, D or n] and log-probabilities [B].</returns>
    public (Tensor Action, Tensor LogProb) Sample(Tensor observations, Tensor? masks, Tensor noise) =>
        _discrete ? GumbelSoftmax.Sample(forward(observations), noise, masks) : TanhGaussian.Sample(forward(observations), noise);

    /// <summary>The likeliest action for every observation [B, D or n].</summary>
    public Tensor Likeliest(Tensor observations, Tensor? masks) =>
        _discrete ? GumbelSoftmax.Likeliest(forward(observations), masks) : TanhGaussian.Mean(forward(observations));

    /// <summary>Copies the weights to where the agent acts.</summary>
    public void Publish(PolicyAgent agent)
    {
        using var scope = NewDisposeScope();
        _body.CopyTo(agent.Dense);
    }
}
