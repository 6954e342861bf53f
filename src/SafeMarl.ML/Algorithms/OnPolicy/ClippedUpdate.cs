using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Losses;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OnPolicy;

/// <summary>What a policy learns from.</summary>
/// <param name="Observations">[N, observation]</param>
/// <param name="Masks">[N, n], or null.</param>
/// <param name="Actions">[N, action]</param>
/// <param name="OldLogProbs">Log-probability of the actions when they were taken [N].</param>
/// <param name="Advantages">What the ratio is weighed by [N]: standardised, times a factor or minus prices where the algorithm has them.</param>
/// <param name="Weights">0 leaves a sample out [N], or null.</param>
internal sealed record PolicySamples(Tensor Observations, Tensor? Masks, Tensor Actions, Tensor OldLogProbs, Tensor Advantages, Tensor? Weights = null)
{
    public PolicySamples Rows(Tensor index) => new(
        Observations.index_select(0, index), Masks?.index_select(0, index), Actions.index_select(0, index),
        OldLogProbs.index_select(0, index), Advantages.index_select(0, index), Weights?.index_select(0, index));
}

/// <summary>How a policy climbs the clipped surrogate.</summary>
/// <param name="ClipEpsilon">Bound on the ratio's distance from 1.</param>
/// <param name="EntropyCoefficient">Weight of the entropy bonus.</param>
/// <param name="Epochs">Passes over the samples.</param>
/// <param name="MinibatchSize">Samples of a gradient step.</param>
internal sealed record ClippedSettings(double ClipEpsilon, double EntropyCoefficient, int Epochs, int MinibatchSize);

/// <summary>PPO's update of one policy (Schulman et al. 2017): epochs of minibatches down the clipped surrogate with an entropy bonus.</summary>
internal static class ClippedUpdate
{
    /// <summary>Means over the gradient steps of an update.</summary>
    public sealed record Result(double Loss, double Entropy);

    /// <summary>The whole update.</summary>
    public static Result Run(Actor actor, GradientDescent optimizer, PolicySamples samples, ClippedSettings settings, long seed, long steps, Placement placement)
    {
        var random = new RandomStream(seed);
        var minibatches = new Minibatches((int)samples.Advantages.shape[0], settings.MinibatchSize);
        double loss = 0, entropy = 0;
        for (int epoch = 0; epoch < settings.Epochs; epoch++)
        {
            minibatches.Shuffle(ref random);
            for (int i = 0; i < minibatches.Count; i++)
            {
                using var scope = NewDisposeScope();
                PolicySamples rows = samples.Rows(placement.Index(minibatches[i]));
                (Tensor policyLoss, Tensor meanEntropy) = Loss(actor, rows, settings.ClipEpsilon);
                loss += optimizer.Step(policyLoss - meanEntropy * settings.EntropyCoefficient, steps).Loss;
                entropy += meanEntropy.ToDouble();
            }
        }
        int count = settings.Epochs * minibatches.Count;
        return new Result(loss / count, entropy / count);
    }

    /// <summary>The clipped surrogate and the entropy, each averaged over the samples that count.</summary>
    public static (Tensor PolicyLoss, Tensor Entropy) Loss(Actor actor, PolicySamples rows, double clip)
    {
        IDistribution policy = actor.Distribution(rows.Observations, rows.Masks);
        Tensor ratio = (policy.LogProb(rows.Actions) - rows.OldLogProbs).exp(); // [B]
        return (WeightedMean.Of(ClippedSurrogate.PerSample(ratio, rows.Advantages, clip), rows.Weights), WeightedMean.Of(policy.Entropy(), rows.Weights));
    }
}
