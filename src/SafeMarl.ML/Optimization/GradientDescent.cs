using SafeMarl.ML.Files;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SafeMarl.ML.Optimization;

/// <summary>Adam with a bound on the gradient's norm, and a guard against numbers that are not finite.</summary>
internal sealed class GradientDescent : IDisposable
{
    private readonly Parameter[] _parameters;
    private readonly Adam _adam;
    private readonly double _maxNorm;
    private readonly string _agent, _quantity;

    /// <summary>Makes an optimiser for a module that is already where it will live.</summary>
    /// <param name="module">Its parameters are optimised.</param>
    /// <param name="learningRate">Step size.</param>
    /// <param name="epsilon">Added to the denominator.</param>
    /// <param name="maxNorm">Gradients are scaled down to this norm; infinite: they are not.</param>
    /// <param name="agent">Whose module it is, for errors.</param>
    /// <param name="quantity">What is minimised, for errors.</param>
    public GradientDescent(nn.Module module, double learningRate, double epsilon, double maxNorm, string agent, string quantity)
        : this(module.parameters(), learningRate, epsilon, maxNorm, agent, quantity) { }

    /// <summary>Makes an optimiser for parameters that are already where they will live.</summary>
    /// <inheritdoc cref="GradientDescent(nn.Module, double, double, double, string, string)"/>
    public GradientDescent(IEnumerable<Parameter> parameters, double learningRate, double epsilon, double maxNorm, string agent, string quantity)
    {
        _parameters = [.. parameters];
        _adam = optim.Adam(_parameters, lr: learningRate, eps: epsilon);
        (_maxNorm, _agent, _quantity) = (maxNorm, agent, quantity);
    }

    /// <summary>Sets the step size.</summary>
    public double LearningRate
    {
        set
        {
            foreach (optim.ILearningRateController group in _adam.ParamGroups)
                group.LearningRate = value;
        }
    }

    /// <summary>One step down the gradient of a scalar loss.</summary>
    /// <param name="loss">The loss; nothing is changed when it or its gradient is not finite.</param>
    /// <param name="step">Environment steps so far, for errors.</param>
    /// <returns>The loss and the norm of its gradient before it was bounded.</returns>
    public (double Loss, double GradientNorm) Step(Tensor loss, long step)
    {
        _adam.zero_grad();
        loss.backward();
        return Finish(loss, step);
    }

    /// <summary>One step along given gradients of a scalar loss, one for each parameter; null: it is left alone.</summary>
    /// <inheritdoc cref="Step(Tensor, long)"/>
    public (double Loss, double GradientNorm) Step(Tensor loss, IReadOnlyList<Tensor?> gradients, long step)
    {
        for (int i = 0; i < _parameters.Length; i++)
            _parameters[i].grad = gradients[i];
        return Finish(loss, step);
    }

    private (double Loss, double GradientNorm) Finish(Tensor loss, long step)
    {
        double norm = nn.utils.clip_grad_norm_(_parameters, _maxNorm);
        double value = loss.ToDouble();
        if (!double.IsFinite(value))
            throw new NonFiniteException(_agent, $"{_quantity} loss", step);
        if (!double.IsFinite(norm))
            throw new NonFiniteException(_agent, $"{_quantity} gradient", step);
        _adam.step();
        return (value, norm);
    }

    public void Save(TensorFile file, string name)
    {
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory);
        _adam.save_state_dict(writer);
        file.Add<byte>(name, memory.ToArray());
    }

    /// <exception cref="CorruptFileException">The state does not fit, or another build wrote it.</exception>
    public void Load(TensorFile file, string name)
    {
        using var reader = new BinaryReader(new MemoryStream(file.Get<byte>(name)));
        try
        {
            _adam.load_state_dict(reader);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or ArgumentException or InvalidOperationException or FormatException)
        {
            throw file.Corrupt($"'{name}' is not a state of this build's optimisers; builds with the official packages and with the stand-ins cannot resume each other's runs", e);
        }
    }

    public void Dispose() => _adam.Dispose();
}
