using SafeMarl.ML.Buffers;
using SafeMarl.ML.Losses;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OnPolicy;

/// <summary>What a trust-region step looks at. Where ratios are per dimension, D' is the number of dimensions, otherwise 1.</summary>
/// <param name="Observations">[N, observation]</param>
/// <param name="Masks">[N, n], or null.</param>
/// <param name="Actions">[N, action]</param>
/// <param name="OldLogProbs">Log-probability of each action dimension when the actions were taken [N, D].</param>
/// <param name="Factor">M [N, D'].</param>
/// <param name="Reward">Standardised advantages of the reward [N].</param>
/// <param name="Costs">Standardised advantages of each cost [N].</param>
/// <param name="Weights">0 leaves a sample out [N], or null.</param>
internal sealed record SurrogateSamples(
    Tensor Observations, Tensor? Masks, Tensor Actions, Tensor OldLogProbs, Tensor Factor, Tensor Reward, Tensor[] Costs, Tensor? Weights = null)
{
    public SurrogateSamples Rows(Tensor index) => new(
        Observations.index_select(0, index), Masks?.index_select(0, index), Actions.index_select(0, index), OldLogProbs.index_select(0, index),
        Factor.index_select(0, index), Reward.index_select(0, index), [.. Costs.Select(c => c.index_select(0, index))], Weights?.index_select(0, index));
}

/// <summary>The quantities of a policy that trust-region methods trade off.</summary>
internal static class PolicySurrogates
{
    private const long CurvatureRows = 512; // per part: intermediate results stay in the cache, and the parts go to several threads

    /// <summary>For ratios per dimension, which multiply from agent to agent.</summary>
    /// <exception cref="InvalidOptionsException">Agents' actions have different numbers of dimensions.</exception>
    public static void ThrowUnlessComparable(TaskShape task, ActionRatio kind, OnPolicyOptions options)
    {
        if (kind == ActionRatio.PerDimension && task.Agents.Select(a => a.ActionSpace.Size).Distinct().Count() > 1)
        {
            throw new InvalidOptionsException(
                $"{options.GetType().Name}.Ratio is '{kind}', which multiplies the ratios of agents dimension by dimension, but their actions have different numbers of dimensions.");
        }
    }

    /// <summary>rho [N, 1] of whole actions, or [N, D] per dimension.</summary>
    public static Tensor Ratio(Tensor logProbs, Tensor oldLogProbs, ActionRatio kind)
    {
        Tensor difference = logProbs - oldLogProbs; // [N, D]
        return (kind == ActionRatio.Product ? difference.sum(1, keepdim: true) : difference).exp();
    }

    /// <summary>The mean over samples of <c>sum_d rho_d M_d A</c>.</summary>
    /// <param name="ratio">rho [N, D']</param>
    /// <param name="factor">M [N, D']; null: 1.</param>
    /// <param name="advantages">A [N]</param>
    /// <param name="weights">0 leaves a sample out [N], or null.</param>
    public static Tensor Mean(Tensor ratio, Tensor? factor, Tensor advantages, Tensor? weights) =>
        WeightedMean.Of((factor is null ? ratio : ratio * factor).sum(1) * advantages, weights);

    /// <summary>The mean divergence of the policy from what it was, in parts that are to be summed, as a function of the parameters.</summary>
    public static IReadOnlyList<Func<Tensor>> Divergence(Actor actor, SurrogateSamples samples, DivergenceFormula formula)
    {
        long count = samples.Observations.shape[0];
        return [.. Enumerable.Range(0, (int)((count + CurvatureRows - 1) / CurvatureRows)).Select(part => (Func<Tensor>)(() =>
        {
            long start = part * CurvatureRows, rows = Math.Min(CurvatureRows, count - start);
            Tensor observations = samples.Observations.narrow(0, start, rows);
            Tensor? masks = samples.Masks?.narrow(0, start, rows);
            return actor.Snapshot(observations, masks).Divergence(actor.Distribution(observations, masks), formula).sum() / count;
        }))];
    }
}
