using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Constraints;
using SafeMarl.ML.Files;
using SafeMarl.ML.Losses;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Optimization;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Threading;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OnPolicy;

/// <summary>
/// MAFOCOPS: agents take turns, each solving the constrained policy update to first order (FOCOPS) on the joint advantage weighted by how
/// much the agents before it have already moved.
/// </summary>
/// <remarks>
/// Per rollout: critics give advantages of the reward and of every cost; each multiplier moves by its own agent's cost (eq. 10); in random
/// order each agent minimises eq. 11 until its policy has moved by delta, and passes its likelihood ratio on in M. The cost advantages are
/// not weighted by M: a cost belongs to its agent. The published M update divides by the wrong policy; rho = new / old is meant.
/// </remarks>
internal sealed class Mafocops : IAlgorithm<OnPolicyBatch>
{
    private readonly TaskShape _task;
    private readonly MafocopsOptions _options;
    private readonly int _threads;
    private readonly long _seed;
    private readonly Placement _placement;
    private readonly Actors _actors;
    private readonly Signals _signals;
    private readonly AgentMultipliers _multipliers;

    public Mafocops(TaskShape task, MafocopsOptions options, int threads, long seed, Placement placement)
    {
        (_task, _options, _threads, _seed, _placement) = (task, options, threads, seed, placement);
        _actors = new Actors(task, OnPolicySettings.Actors(options, options.ActorLearningRate), seed, placement);
        _signals = new Signals(task, withCosts: true, OnPolicySettings.Critics(options, options.Epochs, options.MinibatchSize), seed, placement);
        _multipliers = new AgentMultipliers(task, c => new LagrangeMultiplier(options.InitialMultiplier, options.MultiplierLearningRate, options.MaxMultiplier, options.LimitOf(c)));
    }

    public Policy Policy => _actors.Policy;

    public Metrics Update(OnPolicyBatch batch)
    {
        using var scope = NewDisposeScope();
        var metrics = new Metrics();

        // 1. Advantages of the reward and of every cost, with the critics as they are.
        Tensor[] seen = _signals.Estimate(batch, _options.Gamma, _options.GaeLambda, _threads);

        // 2. Multipliers: nu <- clip(nu + rate (J_C - d), 0, nu_max), before the policies (eq. 10).
        _multipliers.Update(batch);
        _multipliers.Report(metrics);

        // 3. Policies in turn (eq. 11), and every critic beside them: they share nothing.
        var policyMetrics = new Metrics();
        var losses = new double[_signals.All.Count];
        ParallelWork.Run(_threads, [() => UpdatePolicies(batch, policyMetrics), .. _signals.Fits(batch, seen, losses)]);

        metrics.AddRange(policyMetrics);
        _signals.Report(losses, metrics);
        return metrics;
    }

    private void UpdatePolicies(OnPolicyBatch batch, Metrics metrics)
    {
        using var scope = NewDisposeScope();
        Tensor factor = ones([batch.Samples], dtype: _placement.Type, device: _placement.Device); // M [N]
        foreach (int agent in Turns.Order(_task.Agents.Count, _seed, batch.Iteration))
        {
            Tensor advantage = FocopsLoss.Advantage(
                factor, _signals.StandardizedReward(agent), _multipliers[agent].Select((nu, channel) => (_signals.StandardizedCost(agent, channel), nu.Value)));
            var (observations, masks, actions) = _actors.Data(batch, agent);
            long seed = RandomStream.Derive(_seed, Streams.Minibatches, batch.Iteration, Streams.Actors, agent);
            PolicyUpdate update = UpdatePolicy(_actors[agent], _actors.Optimizer(agent), observations, masks, actions, advantage, _options, seed, batch.Steps, _placement);
            factor *= update.Ratio; // M <- rho M
            string name = _task.Agents[agent].Name;
            metrics.Add($"loss/policy/{name}", update.Loss);
            metrics.Add($"kl/{name}", update.KullbackLeibler);
            metrics.Add($"epochs/{name}", update.Epochs);
            metrics.Add($"entropy/{name}", update.Entropy);
        }
    }

    /// <summary>What an agent's update came to.</summary>
    /// <param name="Loss">Mean loss over the gradient steps.</param>
    /// <param name="KullbackLeibler">Mean KL(new || old) over the rollout at the end.</param>
    /// <param name="Epochs">Epochs run before the policy had moved by delta.</param>
    /// <param name="Entropy">Mean entropy at the end.</param>
    /// <param name="Ratio">rho = new / old probability of each action taken [N].</param>
    internal sealed record PolicyUpdate(double Loss, double KullbackLeibler, int Epochs, double Entropy, Tensor Ratio);

    /// <summary>One agent's turn: epochs of minibatches down eq. 11 until the mean KL(new || old) over the rollout exceeds delta.</summary>
    internal static PolicyUpdate UpdatePolicy(
        Actor actor, GradientDescent optimizer, Tensor observations, Tensor? masks, Tensor actions, Tensor advantage, MafocopsOptions options, long seed, long steps,
        Placement placement)
    {
        var random = new RandomStream(seed);
        var minibatches = new Minibatches((int)advantage.shape[0], options.MinibatchSize);
        using var untracked = no_grad();
        IDistribution old = actor.Snapshot(observations, masks), updated;
        Tensor oldLogProb = old.LogProb(actions); // [N]
        double loss = 0, kl;
        int epochs = 0;
        do
        {
            minibatches.Shuffle(ref random);
            for (int i = 0; i < minibatches.Count; i++)
                loss += Step(minibatches[i]);
            epochs++;
            updated = actor.Snapshot(observations, masks);
            kl = updated.KullbackLeibler(old).mean().ToDouble();
        }
        while (epochs < options.Epochs && kl <= options.Delta);
        return new PolicyUpdate(loss / (epochs * minibatches.Count), kl, epochs, updated.Entropy().mean().ToDouble(), (updated.LogProb(actions) - oldLogProb).exp());

        double Step(long[] samples)
        {
            using var scope = NewDisposeScope();
            using var tracked = enable_grad();
            Tensor index = placement.Index(samples);
            IDistribution current = actor.Distribution(observations.index_select(0, index), masks?.index_select(0, index));
            Tensor ratio = (current.LogProb(actions.index_select(0, index)) - oldLogProb.index_select(0, index)).exp(); // rho [B]
            Tensor divergence = current.KullbackLeibler(old.Rows(index)); // KL(new || old) [B]
            Tensor perSample = FocopsLoss.PerSample(divergence, ratio, advantage.index_select(0, index), options.Lambda, options.Delta, options.Indicator);
            return optimizer.Step(perSample.mean(), steps).Loss;
        }
    }

    public void Publish() => _actors.Publish();

    public void Save(TensorFile file)
    {
        _actors.Save(file);
        _signals.Save(file);
        _multipliers.Save(file);
    }

    public void Load(TensorFile file)
    {
        _actors.Load(file);
        _signals.Load(file);
        _multipliers.Load(file);
    }

    public void Dispose()
    {
        _actors.Dispose();
        _signals.Dispose();
    }
}
