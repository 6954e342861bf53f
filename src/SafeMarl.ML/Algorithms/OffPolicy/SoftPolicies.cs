using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Files;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Optimization;
using SafeMarl.ML.Policies;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OffPolicy;

/// <summary>How policies are made and optimised.</summary>
/// <param name="HiddenSize">Width of hidden layers.</param>
/// <param name="HiddenLayers">Number of hidden layers.</param>
/// <param name="Activation">Nonlinearity.</param>
/// <param name="LastActivation">Nonlinearity of the last hidden layer.</param>
/// <param name="Initialization">How weights begin.</param>
/// <param name="LearningRates">Adam's, of each agent.</param>
/// <param name="MaxGradientNorm">Bound on the gradient's norm; infinite: none.</param>
/// <param name="InitialTemperature">alpha at first.</param>
/// <param name="AdaptTemperature">Whether it is adapted.</param>
/// <param name="TemperatureLearningRate">Adam's, for its logarithm.</param>
/// <param name="TargetEntropy">What it is adapted to, for every agent; null: <see cref="Temperature.TargetEntropy"/>.</param>
/// <param name="Share">Whether one policy serves all agents.</param>
internal sealed record SoftPolicySettings(
    int HiddenSize, int HiddenLayers, Activation Activation, Activation LastActivation, Initialization Initialization, IReadOnlyList<double> LearningRates, double MaxGradientNorm,
    double InitialTemperature, bool AdaptTemperature, double TemperatureLearningRate, double? TargetEntropy, bool Share);

/// <summary>The soft policies of all agents with their optimisers and temperatures: one each, or one for all.</summary>
internal sealed class SoftPolicies : IDisposable
{
    private const double AdamEpsilon = 1e-8;

    private readonly TaskShape _task;
    private readonly SoftPolicySettings _settings;
    private readonly SoftActor[] _actors;
    private readonly GradientDescent[] _optimizers;
    private readonly Temperature[] _temperatures;

    /// <param name="task">The task.</param>
    /// <param name="settings">How policies are made and optimised.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="placement">Where they live.</param>
    /// <param name="certificates">Certificates that travel with the policy of each agent, given the index of the first network that is free; null: none.</param>
    /// <exception cref="InvalidOptionsException">Parameters are to be shared by agents that observe or do different things.</exception>
    public SoftPolicies(TaskShape task, SoftPolicySettings settings, long seed, Placement placement, Func<int, CertificateNetworks>? certificates = null)
    {
        (_task, _settings) = (task, settings);
        if (settings.Share)
            task.ThrowUnlessAlike();
        int count = settings.Share ? 1 : task.Agents.Count;
        (_actors, _optimizers, _temperatures) = (new SoftActor[count], new GradientDescent[count], new Temperature[count]);
        for (int i = 0; i < count; i++)
        {
            AgentShape agent = task.Agents[i];
            var random = new RandomStream(RandomStream.Derive(seed, Streams.Weights, Streams.Actors, i));
            var shape = new NetworkShape(
                agent.ObservationSize, AgentNetwork.OutputsOf(agent.ActionSpace, SoftActor.HeadOf(agent.ActionSpace)), settings.HiddenSize, settings.HiddenLayers, settings.Activation,
                InputNorm: false, LayerNorm: false, settings.LastActivation);
            _actors[i] = new SoftActor(shape, agent.ActionSpace, settings.Initialization, ref random, placement);
            _optimizers[i] = new GradientDescent(_actors[i], settings.LearningRates[i], AdamEpsilon, settings.MaxGradientNorm, settings.Share ? "all" : agent.Name, "policy");
            _temperatures[i] = new Temperature(settings.InitialTemperature, settings.AdaptTemperature, settings.TemperatureLearningRate);
        }
        CertificateNetworks? learned = certificates?.Invoke(count);
        Policy = new Policy(
            [.. _actors.Select(a => a.Shape).Concat(learned?.Networks ?? []).Select(shape => IPolicyNetwork.Create(shape))],
            [.. task.Agents.Select((a, i) => new AgentNetwork(a.Name, a.ActionSpace, SoftActor.HeadOf(a.ActionSpace), IndexOf(i), learned?.Agents[i]))]);
        Publish();
    }

    /// <summary>The policy of an agent.</summary>
    public SoftActor this[int agent] => _actors[IndexOf(agent)];

    /// <summary>An agent's name.</summary>
    public string NameOf(int agent) => _task.Agents[agent].Name;

    /// <summary>The weight of an agent's entropy.</summary>
    public Temperature Temperature(int agent) => _temperatures[IndexOf(agent)];

    /// <summary>The managed policy that agents act by, with the weights of the last <see cref="Publish"/>.</summary>
    public Policy Policy { get; }

    /// <summary>Copies the weights to where the agents act.</summary>
    public void Publish()
    {
        for (int agent = 0; agent < _task.Agents.Count; agent++)
            this[agent].Publish(Policy.Agents[agent]);
    }

    /// <summary>One step of an agent's policy down a loss; gives the gradient's norm before it was bounded.</summary>
    public double Step(int agent, Tensor loss, long steps) => _optimizers[IndexOf(agent)].Step(loss, steps).GradientNorm;

    /// <summary>Sets the step size of an agent's policy.</summary>
    public void SetLearningRate(int agent, double rate) => _optimizers[IndexOf(agent)].LearningRate = rate;

    /// <summary>The entropy that an agent's policy should have; where actions are masked, of what was available [B, n].</summary>
    public double TargetEntropy(int agent, Tensor? masks)
    {
        using var scope = NewDisposeScope();
        return _settings.TargetEntropy ?? (masks is null
            ? OffPolicy.Temperature.TargetEntropy(_task.Agents[agent].ActionSpace)
            : OffPolicy.Temperature.ShareOfUniformEntropy * masks.sum(1).log().mean().ToDouble());
    }

    private int IndexOf(int agent) => _settings.Share ? 0 : agent;

    public void Save(TensorFile file)
    {
        for (int i = 0; i < _actors.Length; i++)
        {
            _actors[i].Save(file, $"actor{i}");
            _optimizers[i].Save(file, $"actor{i}.adam");
            _temperatures[i].Save(file, $"actor{i}.temperature");
        }
    }

    public void Load(TensorFile file)
    {
        for (int i = 0; i < _actors.Length; i++)
        {
            _actors[i].Load(file, $"actor{i}");
            _optimizers[i].Load(file, $"actor{i}.adam");
            _temperatures[i].Load(file, $"actor{i}.temperature");
        }
        Publish();
    }

    public void Dispose()
    {
        foreach (GradientDescent optimizer in _optimizers)
            optimizer.Dispose();
        foreach (SoftActor actor in _actors)
            actor.Dispose();
    }
}
