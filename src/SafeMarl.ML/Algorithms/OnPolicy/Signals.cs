using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Files;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Threading;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OnPolicy;

/// <summary>All signals of a task that an algorithm looks at, each once however many agents share it.</summary>
internal sealed class Signals : IDisposable
{
    private readonly TaskShape _task;
    private readonly List<Signal> _all = [];
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
    public Signals(TaskShape task, bool withCosts, CriticSettings settings, long seed, Placement placement)
    {
        (_task, _placement, _seed) = (task, placement, seed);
        _rewards = new Signal[task.Agents.Count];
        _costs = new Signal[task.Agents.Count][];
        for (int a = 0; a < task.Agents.Count; a++)
        {
            int agent = a;
            _rewards[a] = task.SharedReward && a > 0 ? _rewards[0] : Make("reward", task.SharedReward, agent, batch => batch.Rewards[agent]);
            _costs[a] = task.SharedCosts && a > 0 ? _costs[0] : [.. (withCosts ? task.Agents[a].CostChannels : []).Select((channel, c) =>
                Make($"cost {channel}", task.SharedCosts, agent, batch => batch.Costs[agent][c]))];
        }

        Signal Make(string what, bool shared, int agent, Func<OnPolicyBatch, float[]> values)
        {
            string owner = shared ? "all" : task.Agents[agent].Name, name = shared ? what : $"{owner} {what}";
            var signal = new Signal(name, new Critic(name, owner, settings, RandomStream.Derive(seed, Streams.Weights, Streams.Critics, _all.Count), placement), values);
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
    /// <returns>The rollout's states [N, state], for <see cref="Fits"/>.</returns>
    public Tensor Estimate(OnPolicyBatch batch, double gamma, double lambda, int threads)
    {
        Tensor states = _placement.Tensor(batch.States, batch.Samples, _task.StateSize);
        Tensor bootstrapStates = _placement.Tensor(batch.BootstrapStates, batch.Bootstrapped.Length, _task.StateSize);
        ParallelWork.Run(threads, _all.Select(s => (Action)(() => s.Estimate(batch, states, bootstrapStates, gamma, lambda))));
        return states;
    }

    /// <summary>Fitting each critic to its returns, as pieces of work that are independent of each other; the losses go to <paramref name="losses"/>.</summary>
    public IEnumerable<Action> Fits(OnPolicyBatch batch, Tensor states, double[] losses) => _all.Select((signal, i) => (Action)(() =>
        losses[i] = signal.Fit(batch, states, RandomStream.Derive(_seed, Streams.Minibatches, batch.Iteration, Streams.Critics, i))));

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
