using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Files;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Optimization;
using SafeMarl.ML.Policies;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.ValueFactorization;

/// <summary>How a team's networks are made and optimised.</summary>
/// <param name="HiddenSize">Width of the agents' hidden layer and recurrent unit.</param>
/// <param name="LearningRate">Adam's.</param>
/// <param name="AdamEpsilon">Adam's.</param>
/// <param name="MaxGradientNorm">Bound on the norm of the gradient of all parameters together.</param>
/// <param name="TargetInterval">Updates between two copies of the weights to where targets come from.</param>
/// <param name="Quantiles">Where values are distributions, how; null: they are numbers.</param>
/// <param name="Feedback">Whether agents look back at the return that they expected; null: no.</param>
/// <param name="Levels">Where alternatives have several values, how many, and by which of them agents act.</param>
/// <param name="Risk">Whether a second network says how careful to be about return distributions; null: no.</param>
/// <param name="Barrier">Whether a second network rejects alternatives; null: no.</param>
internal sealed record TeamSettings(
    int HiddenSize, double LearningRate, double AdamEpsilon, double MaxGradientNorm, int TargetInterval, QuantileSettings? Quantiles = null, ReturnFeedback? Feedback = null,
    (int Count, int Acting)? Levels = null, RiskLevels? Risk = null, ActionBarrier? Barrier = null);

/// <summary>Values as distributions.</summary>
/// <param name="Count">Quantiles K of what learns.</param>
/// <param name="TargetCount">Quantiles K' of targets.</param>
/// <param name="ActingCount">Quantiles whose mean is a value when agents act.</param>
/// <param name="EmbeddingSize">Cosines that a quantile's fraction is embedded in.</param>
/// <param name="Risk">How quantiles at the middles of equal parts make a value; null: their fractions are drawn, and their mean is the value.</param>
internal sealed record QuantileSettings(int Count, int TargetCount, int ActingCount, int EmbeddingSize, Distortion? Risk = null);

/// <summary>
/// The networks of a team: agents that share a recurrent network, where an algorithm needs them other recurrent networks that see the same, something that judges
/// them together, all of it a second time for targets (even where an algorithm reads some of them only), their optimiser, and the managed policy that acts.
/// </summary>
/// <typeparam name="TJudge">What judges them together.</typeparam>
internal sealed class RecurrentTeam<TJudge> : ICheckpointed, IDisposable
    where TJudge : nn.Module
{
    private readonly TeamSettings _settings;
    private readonly GradientDescent _optimizer;

    /// <param name="task">The task; all agents must see and do alike.</param>
    /// <param name="settings">Sizes and steps.</param>
    /// <param name="judge">Makes what judges them, from a stream of initial weights.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="placement">Where the parameters live.</param>
    /// <param name="copies">Networks like the one that acts, with weights of their own.</param>
    /// <exception cref="InvalidOptionsException">Agents have no alternatives to choose from, or differ, or a network would be larger than a policy file can describe.</exception>
    public RecurrentTeam(TaskShape task, TeamSettings settings, Func<RandomStream, TJudge> judge, long seed, Placement placement, int copies = 0)
    {
        ThrowUnlessPossible(task);
        _settings = settings;
        int alternatives = task.Agents[0].ActionSpace.Count;
        var acting = new NetworkShape(
            task.Agents[0].ObservationSize, settings.Risk is { } risk ? alternatives * risk.Atoms + risk.Size : alternatives, settings.HiddenSize, 1, Activation.ReLU, InputNorm: false, LayerNorm: false,
            Recurrence: new Recurrence(task.Agents.Count, settings.Feedback, alternatives, settings.Risk, settings.Barrier));
        foreach (NetworkShape network in acting.Companion is { } second ? new[] { acting, second } : [acting])
            ThrowIfTooLarge(network);
        NetworkShape shape = settings.Levels is { } levels ? acting with { Outputs = levels.Count * alternatives } : acting;
        (Agents, TargetAgents) = (MakeAgents(0), MakeAgents(0));
        (Others, TargetOthers) = (MakeOthers(), MakeOthers());
        (Judge, TargetJudge) = (MakeJudge(), MakeJudge());
        _optimizer = new GradientDescent([.. Agents.parameters(), .. Others.SelectMany(o => o.parameters()), .. Judge.parameters()], settings.LearningRate, settings.AdamEpsilon, settings.MaxGradientNorm, "all", "value");
        Policy = new Policy([IPolicyNetwork.Create(acting)], [.. task.Agents.Select((a, i) => new AgentNetwork(a.Name, a.ActionSpace, PolicyHead.Greedy, 0, Id: i))]);
        Publish();

        RecurrentModule[] MakeOthers()
        {
            if (acting.Companion is not { } beside)
                return [.. Enumerable.Range(1, copies).Select(MakeAgents)];
            RandomStream random = Weights(1);
            return [new RecurrentModule(beside, embedding: null, actingQuantiles: 1, risk: null, ref random, placement)];
        }

        RandomStream Weights(int number) => new(number == 0 ? RandomStream.Derive(seed, Streams.Weights, Streams.Actors) : RandomStream.Derive(seed, Streams.Weights, Streams.Actors, number));

        RecurrentModule MakeAgents(int number)
        {
            RandomStream random = Weights(number);
            return new RecurrentModule(shape, settings.Quantiles?.EmbeddingSize, settings.Quantiles?.ActingCount ?? 1, settings.Quantiles?.Risk, ref random, placement);
        }

        TJudge MakeJudge() => judge(new RandomStream(RandomStream.Derive(seed, Streams.Weights, Streams.Critics)));
    }

    public RecurrentModule Agents { get; }

    /// <summary>Networks beside it: others like it, or one that changes what its outputs mean.</summary>
    public IReadOnlyList<RecurrentModule> Others { get; }

    public TJudge Judge { get; }

    public RecurrentModule TargetAgents { get; }

    public IReadOnlyList<RecurrentModule> TargetOthers { get; }

    public TJudge TargetJudge { get; }

    /// <summary>The managed policy that acts.</summary>
    public Policy Policy { get; }

    /// <summary>Gradients of a loss to the parameters of the agents, of the other networks and of the judge; null: the loss does not depend on one.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="leaves">What the agents gave last, then what each of the other networks gave.</param>
    public Tensor?[] Gradients(Tensor loss, int threads, params Tensor[] leaves)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(leaves.Length, 1 + Others.Count);
        return RecurrentModule.Gradients(loss, [.. new[] { Agents }.Concat(Others).Zip(leaves)], [.. Judge.parameters()], threads);
    }

    /// <summary>One step along a gradient; gives its norm before it was bounded.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="gradients">Of <see cref="Gradients"/>.</param>
    /// <param name="draw">Which update it is.</param>
    public double Step(Tensor loss, IReadOnlyList<Tensor?> gradients, EpisodeDraw draw)
    {
        double norm = _optimizer.Step(loss, gradients, draw.Steps).GradientNorm;
        if ((draw.Update + 1) % _settings.TargetInterval == 0)
        {
            Copy(Agents, TargetAgents);
            foreach ((RecurrentModule other, RecurrentModule target) in Others.Zip(TargetOthers))
                Copy(other, target);
            Copy(Judge, TargetJudge);
        }
        return norm;
    }

    /// <summary>Copies the weights to where agents act.</summary>
    public void Publish()
    {
        var network = (RecurrentNetwork)Policy.Networks[0];
        Agents.CopyTo(network, (_settings.Levels?.Acting ?? 0) * network.Shape.Outputs);
        if (network.Companion is { } beside)
            Others[0].CopyTo(beside.Network);
    }

    private static void Copy(nn.Module source, nn.Module target)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        foreach ((Tensor from, Tensor to) in source.parameters().Zip(target.parameters()))
            to.copy_(from);
    }

    private static void ThrowIfTooLarge(NetworkShape network)
    {
        if (network.Outputs > PolicyManifest.MaxSize)
            throw new InvalidOptionsException($"A network of the policy would give {network.Outputs:N0} numbers; it may give {PolicyManifest.MaxSize:N0}. Take fewer atoms or levels.");
    }

    private static void ThrowUnlessPossible(TaskShape task)
    {
        AgentShape first = task.Agents[0];
        if (task.Agents.FirstOrDefault(a => !a.ActionSpace.IsDiscrete) is { } continuous)
            throw new InvalidOptionsException($"Agent '{continuous.Name}' has a box of actions; algorithms that factorise values take agents with alternatives to choose from.");
        if (task.Agents.FirstOrDefault(a => !a.IsLike(first)) is { } other)
            throw new InvalidOptionsException($"Agents '{first.Name}' and '{other.Name}' have different observations or actions; algorithms that factorise values let one network serve all agents.");
    }

    public void Save(TensorFile file)
    {
        foreach ((string name, nn.Module module) in Modules)
            module.Save(file, name);
        _optimizer.Save(file, "adam");
    }

    public void Load(TensorFile file)
    {
        foreach ((string name, nn.Module module) in Modules)
            module.Load(file, name);
        _optimizer.Load(file, "adam");
        Publish();
    }

    private (string Name, nn.Module Module)[] Modules =>
    [
        ("agents", Agents), .. Others.Select((o, i) => ($"others.{i}", (nn.Module)o)), ("judge", Judge),
        ("target.agents", TargetAgents), .. TargetOthers.Select((o, i) => ($"target.others.{i}", (nn.Module)o)), ("target.judge", TargetJudge),
    ];

    public void Dispose()
    {
        _optimizer.Dispose();
        foreach ((_, nn.Module module) in Modules)
            module.Dispose();
    }
}
