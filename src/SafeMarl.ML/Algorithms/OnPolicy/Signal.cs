using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Returns;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OnPolicy;

/// <summary>
/// A reward or a cost with its critic, and what the last rollout says of it. A signal that all agents share is estimated once.
/// </summary>
internal sealed class Signal(string name, Critic critic, int view, Func<OnPolicyBatch, float[]> values) : IDisposable
{
    private float[] _predictions = [];

    /// <summary>Name in metrics, errors and checkpoints.</summary>
    public string Name { get; } = name;

    public Critic Critic { get; } = critic;

    /// <summary>Which of <see cref="Signals"/>' views the critic sees.</summary>
    public int View { get; } = view;

    /// <summary>Advantages of the last rollout [N], not standardised.</summary>
    public float[] Advantages { get; private set; } = [];

    /// <summary>Returns of the last rollout [N], in the signal's own units.</summary>
    public float[] Returns { get; private set; } = [];

    /// <summary>Advantages scaled to mean 0 and standard deviation 1.</summary>
    public float[] StandardizedAdvantages()
    {
        float[] advantages = [.. Advantages];
        Standardization.Apply<float>(advantages);
        return advantages;
    }

    /// <summary>Computes advantages and returns of a rollout with the critic as it is.</summary>
    /// <param name="batch">The rollout.</param>
    /// <param name="seen">What the critic sees of it [N, view].</param>
    /// <param name="after">What it sees after the bootstrapped samples [bootstrapped, view].</param>
    /// <param name="gamma">Discount.</param>
    /// <param name="lambda">Decay of the estimator.</param>
    public void Estimate(OnPolicyBatch batch, Tensor seen, Tensor after, double gamma, double lambda)
    {
        _predictions = Critic.Predict(seen);
        float[] predicted = Critic.Denormalize(_predictions), next = new float[batch.Samples];
        for (int i = 0; i + batch.Environments < batch.Samples; i++)
            next[i] = batch.Ended[i] ? 0 : predicted[i + batch.Environments];
        float[] bootstraps = batch.Bootstrapped.Length == 0 ? [] : Critic.Denormalize(Critic.Predict(after));
        for (int i = 0; i < bootstraps.Length; i++)
            next[batch.Bootstrapped[i]] = bootstraps[i];
        (Advantages, Returns) = (new float[batch.Samples], new float[batch.Samples]);
        Gae.Compute(values(batch), predicted, next, batch.Ended, batch.Environments, (float)gamma, (float)lambda, Advantages, Returns);
    }

    /// <summary>What the critic learns from the last rollout.</summary>
    /// <param name="seen">What it sees of it [N, view].</param>
    public Critic.Lesson Lesson(Tensor seen) => new(Critic, seen, _predictions, Returns);

    public void Dispose() => Critic.Dispose();
}
