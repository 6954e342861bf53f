using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Files;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Threading;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OffPolicy;

/// <summary>
/// MASAC: every agent is a soft actor-critic (Haarnoja et al. 2018) by itself, with a critic of its own observation and action and its own
/// reward. Costs are not looked at.
/// </summary>
internal sealed class Masac : IAlgorithm<OffPolicyBatch>
{
    private readonly TaskShape _task;
    private readonly int _threads;
    private readonly long _seed;
    private readonly Placement _placement;
    private readonly SoftPolicies _policies;
    private readonly SoftTeam[] _teams; // of one agent each

    public Masac(TaskShape task, MasacOptions options, int threads, long seed, Placement placement)
    {
        (_task, _threads, _seed, _placement) = (task, threads, seed, placement);
        _policies = new SoftPolicies(task, OffPolicySettings.Policies(options, [.. task.Agents.Select(_ => options.ActorLearningRate)], double.PositiveInfinity, share: false), seed, placement);
        SoftTeamSettings settings = OffPolicySettings.Team(options, OffPolicySettings.Critic(options));
        _teams = [.. task.Agents.Select((agent, i) => new SoftTeam(
            agent.Name, [i], _policies, (batch, views) => batch.ObservationIn(views, i), agent.ObservationSize, batch => batch.Returns(i), task, settings,
            RandomStream.Derive(seed, Streams.Weights, Streams.Critics, i), placement))];
    }

    public Policy Policy => _policies.Policy;

    public Metrics Update(OffPolicyBatch batch)
    {
        using var scope = NewDisposeScope();
        TransitionTensors transitions = TransitionTensors.From(batch, _placement);
        Metrics[] parts = [.. _teams.Select(_ => new Metrics())];
        ParallelWork.Run(_threads, _teams.Select((team, agent) => (Action)(() =>
        {
            using var own = NewDisposeScope();
            var noise = new ActionNoise(_task, batch.Size, RandomStream.Derive(_seed, Streams.Noise, batch.Update, agent), _placement);
            team.Update(transitions, noise.Next, batch.Update, [agent], threads: 1, batch.Steps, parts[agent]);
        })));
        var metrics = new Metrics();
        foreach (Metrics part in parts)
            metrics.AddRange(part);
        return metrics;
    }

    public void Publish() => _policies.Publish();

    public void Save(TensorFile file)
    {
        _policies.Save(file);
        foreach (SoftTeam team in _teams)
            team.Save(file);
    }

    public void Load(TensorFile file)
    {
        _policies.Load(file);
        foreach (SoftTeam team in _teams)
            team.Load(file);
    }

    public void Dispose()
    {
        _policies.Dispose();
        foreach (SoftTeam team in _teams)
            team.Dispose();
    }
}
