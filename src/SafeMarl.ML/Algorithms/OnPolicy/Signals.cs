using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Files;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Returns;
using SafeMarl.ML.Threading;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OnPolicy;

/// <summary>All signals of a task that an algorithm looks at, each once however many agents share it.</summary>
internal sealed class Signals : IDisposable
{
    private readonly TaskShape _task;
    private readonly List<Signal> _all = [];
    private readonly List<List<int>> _together = []; // numbers of the signals whose critics learn together
    private readonly int[]?[] _views; // whose observations critics see; null: the state
    private readonly Signal[] _rewards;
    private readonly Signal[][] _costs;
    private readonly Placement _placement;
    private readonly long _seed;

    /// <summary>Makes a critic for every signal.</summary>
    /// <param name="task">The task.</param>
    /// <param name="withCosts">Whether costs are estimated too.</param>
    /// <param name="settings">How critics learn.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="placement">Where the critics live.</param>
    /// <param name="seenBy">Whose observations the critics of an agent see, which are then its own even where the signal is shared; null: all see the state.</param>
    public Signals(TaskShape task, bool withCosts, CriticSettings settings, long seed, Placement placement, Func<int, int[]>? seenBy = null)
    {
        (_task, _placement, _seed) = (task, placement, seed);
        _views = seenBy is null ? [null] : [.. task.Agents.Select((_, agent) => seenBy(agent))];
        // Critics that share a normaliser, as those that see different things, are an agent's own.
        bool own = seenBy is not null || settings.Published, oneReward = task.SharedReward && !own, oneCosts = task.SharedCosts && !own;
        ValueNormalizer?[] normalizers = [.. task.Agents.Select(_ => settings.Published ? new ValueNormalizer() : null)];
        _rewards = new Signal[task.Agents.Count];
        _costs = new Signal[task.Agents.Count][];
        for (int a = 0; a < task.Agents.Count; a++)
        {
            int agent = a;
            _rewards[a] = oneReward && a > 0 ? _rewards[0] : Make("reward", oneReward, agent, batch => batch.Rewards[agent]);
            _costs[a] = oneCosts && a > 0 ? _costs[0] : [.. (withCosts ? task.Agents[a].CostChannels : []).Select((channel, c) =>
                Make($"cost {channel}", oneCosts, agent, batch => batch.Costs[agent][c]))];
        }

        Signal Make(string what, bool shared, int agent, Func<OnPolicyBatch, float[]> values)
        {
            string owner = shared ? "all" : task.Agents[agent].Name, name = shared ? what : $"{owner} {what}";
            int view = seenBy is null ? 0 : agent;
            CriticSettings sized = settings with { Shape = settings.Shape with { Inputs = Size(view) } };
            long weights = RandomStream.Derive(seed, Streams.Weights, Streams.Critics, _all.Count);
            var signal = new Signal(name, new Critic(name, owner, sized, weights, placement, normalizers[agent]), view, values);
            if (!settings.Published || what == "reward")
                _together.Add([]);
            _together[^1].Add(_all.Count);
            _all.Add(signal);
            return signal;
        }
    }

    /// <summary>Every signal once.</summary>
    public IReadOnlyList<Signal> All => _all;

    /// <summary>The reward signal of an agent.</summary>
    public Signal Reward(int agent) => _rewards[agent];

    /// <summary>A cost signal of an agent.</summary>
    public Signal Cost(int agent, int channel) => _costs[agent][channel];

    /// <summary>Computes advantages and returns of every signal.</summary>
    /// <returns>What critics see of the rollout, by view [N, view], for <see cref="Fits"/>.</returns>
    public Tensor[] Estimate(OnPolicyBatch batch, double gamma, double lambda, int threads)
    {
        Tensor[] seen = See(batch.States, batch.Observations, batch.Samples), after = See(batch.BootstrapStates, batch.BootstrapObservations, batch.Bootstrapped.Length);
        ParallelWork.Run(threads, _all.Select(s => (Action)(() => s.Estimate(batch, seen[s.View], after[s.View], gamma, lambda))));
        return seen;
    }

    /// <summary>Fitting each critic to its returns, as pieces of work that are independent of each other; the losses go to <paramref name="losses"/>.</summary>
    public IEnumerable<Action> Fits(OnPolicyBatch batch, Tensor[] seen, double[] losses) => _together.Select(numbers => (Action)(() =>
    {
        long stream = RandomStream.Derive(_seed, Streams.Minibatches, batch.Iteration, Streams.Critics, numbers[0]);
        double[] means = Critic.Fit([.. numbers.Select(i => _all[i].Lesson(seen[_all[i].View]))], stream, batch.Steps);
        for (int k = 0; k < means.Length; k++)
            losses[numbers[k]] = means[k];
    }));

    /// <summary>Advantages of an agent's reward, or of one of its costs, at mean 0 and standard deviation 1 [N].</summary>
    public Tensor StandardizedReward(int agent) => Standardized(_rewards[agent]);

    /// <inheritdoc cref="StandardizedReward"/>
    public Tensor StandardizedCost(int agent, int channel) => Standardized(_costs[agent][channel]);

    /// <summary>Adds the losses of <see cref="Fits"/> to what an update reports.</summary>
    public void Report(double[] losses, Metrics metrics)
    {
        for (int i = 0; i < losses.Length; i++)
            metrics.Add($"loss/{_all[i].Name}", losses[i]);
    }

    private Tensor Standardized(Signal signal) => _placement.Tensor(signal.StandardizedAdvantages(), signal.Advantages.Length);

    private int Size(int view) => _views[view]?.Sum(agent => _task.Agents[agent].ObservationSize) ?? _task.StateSize;

    private Tensor[] See(float[] states, float[][] observations, int samples)
    {
        if (_views[0] is null)
            return [_placement.Tensor(states, samples, _task.StateSize)];
        Tensor[] own = [.. observations.Select((o, agent) => _placement.Tensor(o, samples, _task.Agents[agent].ObservationSize))];
        return [.. _views.Select(agents => agents!.Length == 1 ? own[agents[0]] : cat([.. agents.Select(agent => own[agent])], 1))];
    }

    public void Save(TensorFile file)
    {
        foreach (Signal signal in _all)
            signal.Critic.Save(file);
    }

    public void Load(TensorFile file)
    {
        foreach (Signal signal in _all)
            signal.Critic.Load(file);
    }

    public void Dispose()
    {
        foreach (Signal signal in _all)
            signal.Dispose();
    }
}
