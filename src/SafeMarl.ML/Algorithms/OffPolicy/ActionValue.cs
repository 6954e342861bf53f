using SafeMarl.Environments;
using SafeMarl.ML.Files;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Optimization;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Returns;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OffPolicy;

/// <summary>How functions of states and actions are made and learned.</summary>
/// <param name="HiddenSize">Width of hidden layers.</param>
/// <param name="HiddenLayers">Number of hidden layers.</param>
/// <param name="Activation">Nonlinearity.</param>
/// <param name="Initialization">How weights begin.</param>
/// <param name="LearningRate">Adam's.</param>
/// <param name="HuberDelta">Size of the error beyond which the loss is linear; null: squared error.</param>
/// <param name="NormalizeTargets">Whether targets are normalised by their running statistics.</param>
internal sealed record ActionValueSettings(
    int HiddenSize, int HiddenLayers, Activation Activation, Initialization Initialization, double LearningRate, double? HuberDelta = null, bool NormalizeTargets = false);

/// <summary>
/// A function of states and actions with a target that follows it slowly. Of two networks the smaller value counts (clipped double Q-learning,
/// Fujimoto et al. 2018).
/// </summary>
internal sealed class ActionValue : IDisposable
{
    private const double OutputGain = 1, AdamEpsilon = 1e-8;

    private readonly ActionValueSettings _settings;
    private readonly DenseModule[] _networks, _targets;
    private readonly Parameter[][] _parameters, _targetParameters;
    private readonly GradientDescent[] _optimizers; // one each: Adam treats every parameter by itself
    private readonly ValueNormalizer? _normalizer;
    private readonly string _name;

    /// <summary>Makes a function; its name says in checkpoints and errors of what.</summary>
    public ActionValue(string name, string agent, int inputs, int networks, ActionValueSettings settings, long seed, Placement placement)
    {
        (_name, _settings) = (name, settings);
        var shape = new NetworkShape(inputs, 1, settings.HiddenSize, settings.HiddenLayers, settings.Activation, InputNorm: false, LayerNorm: false);
        (_networks, _targets, _optimizers) = (new DenseModule[networks], new DenseModule[networks], new GradientDescent[networks]);
        for (int i = 0; i < networks; i++)
        {
            _networks[i] = Make(i);
            _targets[i] = Make(i);
            _optimizers[i] = new GradientDescent(_networks[i], settings.LearningRate, AdamEpsilon, double.PositiveInfinity, agent, name);
        }
        (_parameters, _targetParameters) = ([.. _networks.Select(n => n.parameters().ToArray())], [.. _targets.Select(n => n.parameters().ToArray())]);
        foreach (Parameter[] parameters in _parameters.Concat(_targetParameters))
            Track(parameters, false);
        _normalizer = settings.NormalizeTargets ? new ValueNormalizer() : null;

        DenseModule Make(int index)
        {
            var random = new RandomStream(RandomStream.Derive(seed, index));
            return new DenseModule(shape, OutputGain, ref random, placement, settings.Initialization);
        }
    }

    /// <summary>Shape of each of its networks.</summary>
    public NetworkShape Shape => _networks[0].Shape;

    internal IReadOnlyList<DenseModule> Networks => _networks;

    internal IReadOnlyList<DenseModule> Targets => _targets;

    internal ValueNormalizer? Normalizer => _normalizer;

    /// <summary>Sets the step size.</summary>
    public double LearningRate
    {
        set
        {
            foreach (GradientDescent optimizer in _optimizers)
                optimizer.LearningRate = value;
        }
    }

    /// <summary>The target's value, in the signal's own units, without a gradient: [B, inputs] to [B].</summary>
    public Tensor Target(Tensor inputs)
    {
        using var untracked = no_grad();
        Tensor value = Smallest(_targets, inputs);
        return _normalizer is null ? value : value * _normalizer.Std + _normalizer.Mean;
    }

    /// <summary>The value: [B, inputs] to [B]. A gradient flows to the inputs, none to the function itself. With a normaliser, in normalised units, as HARL's actors see it.</summary>
    public Tensor Of(Tensor inputs) => Smallest(_networks, inputs);

    /// <summary>Fits the function to targets, as one piece of work for each network; they share nothing. Each gives its loss.</summary>
    /// <param name="inputs">[B, inputs]</param>
    /// <param name="targets">In the signal's own units [B].</param>
    /// <param name="steps">Environment steps so far, for errors.</param>
    public Func<double>[] Fits(Tensor inputs, Tensor targets, long steps)
    {
        Tensor normalized = targets;
        if (_normalizer is not null)
        {
            _normalizer.Update<double>(targets.ToDoubles());
            normalized = (targets - _normalizer.Mean) / _normalizer.Std;
        }
        return [.. _networks.Select((_, i) => (Func<double>)(() => Fit(i, inputs, normalized, steps)))];
    }

    private double Fit(int network, Tensor inputs, Tensor targets, long steps)
    {
        using var scope = NewDisposeScope();
        Track(_parameters[network], true);
        Tensor value = _networks[network].forward(inputs).squeeze(1);
        Tensor loss = _settings.HuberDelta is { } delta
            ? nn.functional.huber_loss(value, targets, delta: delta)
            : nn.functional.mse_loss(value, targets);
        double before = _optimizers[network].Step(loss, steps).Loss;
        Track(_parameters[network], false);
        return before;
    }

    /// <summary>Moves the targets a step towards the networks: <c>target &lt;- (1 - tau) target + tau network</c>.</summary>
    public void Follow(double tau)
    {
        using var scope = NewDisposeScope();
        using var untracked = no_grad();
        for (int i = 0; i < _networks.Length; i++)
        {
            foreach ((Parameter target, Parameter parameter) in _targetParameters[i].Zip(_parameters[i]))
                target.mul_(1 - tau).add_(parameter, tau);
        }
    }

    /// <summary>Copies a network's weights into the managed network of the same shape.</summary>
    public void CopyTo(DenseNetwork network)
    {
        using var scope = NewDisposeScope();
        _networks[0].CopyTo(network);
    }

    private static Tensor Smallest(DenseModule[] networks, Tensor inputs)
    {
        Tensor value = networks[0].forward(inputs).squeeze(1);
        for (int i = 1; i < networks.Length; i++)
            value = minimum(value, networks[i].forward(inputs).squeeze(1));
        return value;
    }

    // Parameters gather gradients only while they are fitted.
    private static void Track(Parameter[] parameters, bool tracked)
    {
        foreach (Parameter parameter in parameters)
            parameter.requires_grad = tracked;
    }

    public void Save(TensorFile file)
    {
        for (int i = 0; i < _networks.Length; i++)
        {
            _networks[i].Save(file, $"{_name}{i}");
            _targets[i].Save(file, $"{_name}{i}.target");
            _optimizers[i].Save(file, $"{_name}{i}.adam");
        }
        _normalizer?.Save(file, $"{_name}.normalizer");
    }

    public void Load(TensorFile file)
    {
        for (int i = 0; i < _networks.Length; i++)
        {
            _networks[i].Load(file, $"{_name}{i}");
            _targets[i].Load(file, $"{_name}{i}.target");
            _optimizers[i].Load(file, $"{_name}{i}.adam");
        }
        _normalizer?.Load(file, $"{_name}.normalizer");
    }

    public void Dispose()
    {
        foreach (GradientDescent optimizer in _optimizers)
            optimizer.Dispose();
        foreach (DenseModule network in _networks.Concat(_targets))
            network.Dispose();
    }
}
