using SafeMarl.ML.Policies;

namespace SafeMarl.ML.Algorithms.OnPolicy;

/// <summary>Settings of parts from the options that all algorithms of rollouts have.</summary>
internal static class OnPolicySettings
{
    /// <summary>How policies are made.</summary>
    /// <param name="options">The options.</param>
    /// <param name="learningRate">Adam's for policies; null: they are not optimised by Adam.</param>
    public static ActorSettings Actors(OnPolicyOptions options, double? learningRate) => new(
        options.HiddenSize, options.HiddenLayers, options.Activation, options.InputNorm, options.LayerNorm, options.Std, learningRate, options.AdamEpsilon,
        options.MaxGradientNorm, options.ShareParameters);

    /// <summary>How critics learn; how many numbers they see is up to who makes them.</summary>
    /// <param name="options">The options.</param>
    /// <param name="epochs">Passes over a rollout.</param>
    /// <param name="minibatchSize">Samples of a gradient step.</param>
    /// <param name="published">Whether with the mistakes of MACPO's code.</param>
    public static CriticSettings Critics(OnPolicyOptions options, int epochs, int minibatchSize, bool published = false) => new(
        new NetworkShape(0, 1, options.HiddenSize, options.HiddenLayers, options.Activation, options.InputNorm, options.LayerNorm), options.CriticLearningRate,
        options.AdamEpsilon, options.MaxGradientNorm, epochs, minibatchSize, options.NormalizeValues, options.ValueClip, options.HuberDelta, published);
}
