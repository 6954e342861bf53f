using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Files;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OffPolicy;

/// <summary>
/// HASAC (Liu et al. 2024): all agents are one team that learns the soft value of their joint action, and improves it in random turns. Costs
/// are not looked at. Where agents have rewards of their own, the team's is their mean.
/// </summary>
internal sealed class Hasac : IAlgorithm<OffPolicyBatch>
{
    private readonly TaskShape _task;
    private readonly HasacOptions _options;
    private readonly int _threads;
    private readonly long _seed;
    private readonly Placement _placement;
    private readonly SoftPolicies _policies;
    private readonly SoftTeam _team;

    public Hasac(TaskShape task, HasacOptions options, int threads, long seed, Placement placement)
    {
        (_task, _options, _threads, _seed, _placement) = (task, options, threads, seed, placement);
        int[] agents = [.. Enumerable.Range(0, task.Agents.Count)];
        _policies = new SoftPolicies(task, OffPolicySettings.Policies(options, [.. agents.Select(_ => options.ActorLearningRate)], double.PositiveInfinity, share: false), seed, placement);
        ActionValueSettings critic = OffPolicySettings.Critic(options) with { HuberDelta = options.UseHuberLoss ? options.HuberDelta : null, NormalizeTargets = options.NormalizeValues };
        _team = new SoftTeam(
            "all", agents, _policies, (batch, views) => batch.StateIn(views), task.StateSize, batch => task.SharedReward ? batch.Returns(0) : batch.AllReturns.mean([1]), task,
            OffPolicySettings.Team(options, critic), RandomStream.Derive(seed, Streams.Weights, Streams.Critics), placement);
    }

    internal SoftPolicies Policies => _policies;

    internal SoftTeam Team => _team;

    public Policy Policy => _policies.Policy;

    public Metrics Update(OffPolicyBatch batch)
    {
        using var scope = NewDisposeScope();
        var metrics = new Metrics();
        var noise = new ActionNoise(_task, batch.Size, RandomStream.Derive(_seed, Streams.Noise, batch.Update), _placement);
        var random = new RandomStream(RandomStream.Derive(_seed, Streams.Noise, batch.Update, Streams.Agents));
        int[] order = [.. Enumerable.Range(0, _task.Agents.Count)];
        random.Shuffle<int>(order);
        _team.Update(TransitionTensors.From(batch, _placement), noise.Next, batch.Update, order, _threads, batch.Steps, metrics);
        return metrics;
    }

    public void Publish() => _policies.Publish();

    public void Save(TensorFile file)
    {
        _policies.Save(file);
        _team.Save(file);
    }

    public void Load(TensorFile file)
    {
        _policies.Load(file);
        _team.Load(file);
    }

    public void Dispose()
    {
        _policies.Dispose();
        _team.Dispose();
    }
}
