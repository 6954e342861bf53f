using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Files;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Optimization;
using SafeMarl.ML.Policies;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OnPolicy;

/// <summary>How policies are made and optimised.</summary>
/// <param name="HiddenSize">Width of hidden layers.</param>
/// <param name="HiddenLayers">Number of hidden layers.</param>
/// <param name="Activation">Nonlinearity.</param>
/// <param name="InputNorm">LayerNorm of observations.</param>
/// <param name="LayerNorm">LayerNorm after activations.</param>
/// <param name="Std">How standard deviations are parameterised.</param>
/// <param name="LearningRate">Adam's; null: policies are not optimised by Adam.</param>
/// <param name="AdamEpsilon">Adam's.</param>
/// <param name="MaxGradientNorm">Bound on the gradient's norm.</param>
/// <param name="Share">Whether one network serves all agents.</param>
internal sealed record ActorSettings(
    int HiddenSize, int HiddenLayers, Activation Activation, bool InputNorm, bool LayerNorm, StdParameterization Std, double? LearningRate, double AdamEpsilon,
    double MaxGradientNorm, bool Share)
{
    /// <summary>The network of an agent's policy.</summary>
    public NetworkShape ShapeFor(AgentShape agent) =>
        new(agent.ObservationSize, agent.OutputSize, HiddenSize, HiddenLayers, Activation, InputNorm, LayerNorm);
}

/// <summary>The policies of all agents with their optimisers: one each, or one for all.</summary>
internal sealed class Actors : IDisposable
{
    private readonly TaskShape _task;
    private readonly Placement _placement;
    private readonly Actor[] _actors;
    private readonly GradientDescent[] _optimizers; // none, or one per actor

    /// <exception cref="InvalidOptionsException">Parameters are to be shared by agents that observe or do different things.</exception>
    public Actors(TaskShape task, ActorSettings settings, long seed, Placement placement)
    {
        (_task, _placement, AreShared) = (task, placement, settings.Share);
        if (settings.Share)
            task.ThrowUnlessAlike();
        int count = settings.Share ? 1 : task.Agents.Count;
        _actors = new Actor[count];
        _optimizers = new GradientDescent[settings.LearningRate is null ? 0 : count];
        for (int i = 0; i < count; i++)
        {
            var random = new RandomStream(RandomStream.Derive(seed, Streams.Weights, Streams.Actors, i));
            _actors[i] = new Actor(settings.ShapeFor(task.Agents[i]), task.Agents[i].ActionSpace.IsDiscrete, settings.Std, ref random, placement);
            if (settings.LearningRate is { } rate)
                _optimizers[i] = new GradientDescent(_actors[i], rate, settings.AdamEpsilon, settings.MaxGradientNorm, settings.Share ? "all" : task.Agents[i].Name, "policy");
        }
        Policy = new Policy(
            [.. _actors.Select(a => IPolicyNetwork.Create(a.Shape))],
            [.. task.Agents.Select((a, i) => new AgentNetwork(a.Name, a.ActionSpace, a.ActionSpace.IsDiscrete ? PolicyHead.Categorical : PolicyHead.Gaussian, settings.Share ? 0 : i))]);
        Publish();
    }

    /// <summary>Whether one actor serves all agents.</summary>
    public bool AreShared { get; }

    /// <summary>Which actor serves an agent.</summary>
    public Actor this[int agent] => _actors[AreShared ? 0 : agent];

    /// <summary>The optimiser of the agent's actor.</summary>
    public GradientDescent Optimizer(int agent) => _optimizers[AreShared ? 0 : agent];

    /// <summary>What an agent saw in a rollout [N, observation], its action masks [N, n] or null, and what it did [N, action].</summary>
    public (Tensor Observations, Tensor? Masks, Tensor Actions) Data(OnPolicyBatch batch, int agent)
    {
        AgentShape shape = _task.Agents[agent];
        return (
            _placement.Tensor(batch.Observations[agent], batch.Samples, shape.ObservationSize),
            shape.ActionSpace.IsMasked ? _placement.Tensor(batch.Masks[agent], batch.Samples, shape.ActionSpace.Count) : null,
            _placement.Tensor(batch.Actions[agent], batch.Samples, shape.ActionSpace.Size));
    }

    /// <summary>The managed policy that agents act by, with the weights of the last <see cref="Publish"/>.</summary>
    public Policy Policy { get; }

    /// <summary>Copies the weights to where the agents act.</summary>
    public void Publish()
    {
        for (int agent = 0; agent < _task.Agents.Count; agent++)
            this[agent].Publish(Policy.Agents[agent]);
    }

    public void Save(TensorFile file)
    {
        for (int i = 0; i < _actors.Length; i++)
        {
            _actors[i].Save(file, $"actor{i}");
            if (_optimizers.Length > 0)
                _optimizers[i].Save(file, $"actor{i}.adam");
        }
    }

    public void Load(TensorFile file)
    {
        for (int i = 0; i < _actors.Length; i++)
        {
            _actors[i].Load(file, $"actor{i}");
            if (_optimizers.Length > 0)
                _optimizers[i].Load(file, $"actor{i}.adam");
        }
        Publish();
    }

    public void Dispose()
    {
        foreach (GradientDescent optimizer in _optimizers)
            optimizer.Dispose();
        foreach (Actor actor in _actors)
            actor.Dispose();
    }
}
