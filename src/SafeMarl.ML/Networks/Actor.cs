using SafeMarl.Environments;
using SafeMarl.ML.Files;
using SafeMarl.ML.Policies;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SafeMarl.ML.Networks;

/// <summary>
/// The policy that learns: a network for means or logits, and for Gaussian policies a parameter <c>log_std</c> for the standard deviations.
/// Agents that share parameters share one actor.
/// </summary>
internal sealed class Actor : Module<Tensor, Tensor>
{
    private const double OutputGain = 0.01; // MACPO, HARL: nearly uniform at first

    private readonly DenseModule _body;
    private readonly Parameter? _logStd; // [D]
    private readonly StdParameterization _std;

    /// <summary>Makes an actor.</summary>
    /// <param name="shape">Its network; the outputs are means or logits.</param>
    /// <param name="discrete">Whether the outputs are logits.</param>
    /// <param name="std">How a Gaussian policy's standard deviation is parameterised.</param>
    /// <param name="random">Stream of the initial weights.</param>
    /// <param name="placement">Where the parameters live.</param>
    public Actor(NetworkShape shape, bool discrete, StdParameterization std, ref RandomStream random, Placement placement)
        : base(nameof(Actor))
    {
        _std = std;
        register_module("body", _body = new DenseModule(shape, OutputGain, ref random, placement));
        if (discrete)
            return;
        float initial = std == StdParameterization.Sigmoid ? 1 : -0.5f;
        Tensor values = full([shape.Outputs], initial, dtype: placement.Type, device: placement.Device);
        register_parameter("log_std", _logStd = new Parameter(values, requires_grad: true));
    }

    /// <summary>The network's layers and sizes.</summary>
    public NetworkShape Shape => _body.Shape;

    /// <summary>Means or logits: [B, observation] to [B, outputs].</summary>
    public override Tensor forward(Tensor input) => _body.forward(input);

    /// <summary>The action distributions of observations [B, observation], with masks [B, n] where actions are masked.</summary>
    public IDistribution Distribution(Tensor observations, Tensor? masks) => _logStd is null
        ? CategoricalDistribution.FromLogits(forward(observations), masks)
        : new GaussianDistribution(forward(observations), Std(_logStd));

    /// <summary>The action distributions of a whole rollout as the policy is now, without gradients.</summary>
    public IDistribution Snapshot(Tensor observations, Tensor? masks)
    {
        using var guard = no_grad();
        Tensor outputs = _body.Evaluate(observations);
        return _logStd is null ? CategoricalDistribution.FromLogits(outputs, masks) : new GaussianDistribution(outputs, Std(_logStd));
    }

    /// <summary>Copies the weights to where the agent acts.</summary>
    public void Publish(PolicyAgent agent)
    {
        using var scope = NewDisposeScope();
        _body.CopyTo(agent.Dense);
        if (_logStd is not null)
            Std(_logStd).ToFloats().CopyTo(agent.Std);
    }

    private Tensor Std(Tensor parameter) => _std == StdParameterization.Sigmoid ? parameter.sigmoid() * 0.5 : parameter.exp();
}
