using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Losses;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OnPolicy;

/// <summary>How a policy climbs the clipped surrogate of the reward minus priced costs.</summary>
/// <param name="Clipped">As without costs.</param>
/// <param name="Ratio">What the ratio of an action with several dimensions is.</param>
/// <param name="WeighCosts">Whether M weighs costs too.</param>
internal sealed record LagrangianSettings(ClippedSettings Clipped, ActionRatio Ratio, bool WeighCosts);

/// <summary>One policy's update of MAPPO-Lagrangian (Gu et al. 2021): PPO on the reward's advantage minus the costs', each times its multiplier.</summary>
internal static class LagrangianUpdate
{
    /// <summary>What a gradient step looks at.</summary>
    /// <param name="PolicyLoss">Clipped surrogate.</param>
    /// <param name="Entropy">Mean entropy.</param>
    /// <param name="Ratio">rho [B, D'].</param>
    public sealed record Objective(Tensor PolicyLoss, Tensor Entropy, Tensor Ratio);

    /// <summary>The whole update.</summary>
    /// <param name="actor">Learns.</param>
    /// <param name="optimizer">Its own.</param>
    /// <param name="samples">The rollout [N, ...].</param>
    /// <param name="prices">The multipliers of the moment.</param>
    /// <param name="settings">How it learns.</param>
    /// <param name="seed">Seed of the order of samples.</param>
    /// <param name="steps">Environment steps so far, for errors.</param>
    /// <param name="placement">Where the policy lives.</param>
    /// <param name="changed">Hears after each gradient step, for each cost, the mean of rho C before it; null: nobody does.</param>
    public static ClippedUpdate.Result Run(
        Actor actor, GradientDescent optimizer, SurrogateSamples samples, Func<double[]> prices, LagrangianSettings settings, long seed, long steps, Placement placement,
        Action<double[]>? changed = null)
    {
        var random = new RandomStream(seed);
        ClippedSettings clipped = settings.Clipped;
        var minibatches = new Minibatches((int)samples.Reward.shape[0], clipped.MinibatchSize);
        double loss = 0, entropy = 0;
        for (int epoch = 0; epoch < clipped.Epochs; epoch++)
        {
            minibatches.Shuffle(ref random);
            for (int i = 0; i < minibatches.Count; i++)
            {
                using var scope = NewDisposeScope();
                SurrogateSamples rows = samples.Rows(placement.Index(minibatches[i]));
                Objective objective = Evaluate(actor, rows, prices(), settings);
                loss += optimizer.Step(objective.PolicyLoss - objective.Entropy * clipped.EntropyCoefficient, steps).Loss;
                entropy += objective.Entropy.ToDouble();
                changed?.Invoke(CostChanges(objective.Ratio, rows));
            }
        }
        int count = clipped.Epochs * minibatches.Count;
        return new ClippedUpdate.Result(loss / count, entropy / count);
    }

    /// <summary>The clipped surrogate of <c>M A - sum_k lambda_k C_k</c>, or of <c>M (A - sum_k lambda_k C_k)</c>, and the entropy.</summary>
    public static Objective Evaluate(Actor actor, SurrogateSamples rows, double[] prices, LagrangianSettings settings)
    {
        IDistribution policy = actor.Distribution(rows.Observations, rows.Masks);
        Tensor ratio = PolicySurrogates.Ratio(policy.LogProbs(rows.Actions), rows.OldLogProbs, settings.Ratio); // [B, D']
        // M > 0, so it may weigh the advantage inside the clipped surrogate as well as outside.
        Tensor advantage = Priced(rows, prices, settings.WeighCosts); // [B, D']
        Tensor perSample = ClippedSurrogate.PerSample(ratio, advantage, settings.Clipped.ClipEpsilon).sum(1); // [B]
        return new Objective(WeightedMean.Of(perSample, rows.Weights), WeightedMean.Of(policy.Entropy(), rows.Weights), ratio);
    }

    /// <summary>For each cost the mean of rho C, over samples and dimensions.</summary>
    public static double[] CostChanges(Tensor ratio, SurrogateSamples rows) => [.. rows.Costs.Select(cost => (ratio.detach() * cost.unsqueeze(1)).mean().ToDouble())];

    private static Tensor Priced(SurrogateSamples rows, double[] prices, bool weighCosts)
    {
        Tensor reward = rows.Reward.unsqueeze(1), advantage = weighCosts ? reward : rows.Factor * reward;
        for (int k = 0; k < prices.Length; k++)
            advantage = advantage - rows.Costs[k].unsqueeze(1) * prices[k];
        return weighCosts ? rows.Factor * advantage : advantage;
    }
}
