namespace SafeMarl.ML.Algorithms.OffPolicy;

/// <summary>Settings of parts from the options that all off-policy algorithms have.</summary>
internal static class OffPolicySettings
{
    public static SoftPolicySettings Policies(OffPolicyOptions options, IReadOnlyList<double> learningRates, double maxGradientNorm, bool share) => new(
        options.HiddenSize, options.HiddenLayers, options.Activation, options.LastActivation, options.Initialization, learningRates, maxGradientNorm,
        options.InitialTemperature, options.AdaptTemperature, options.TemperatureLearningRate, options.TargetEntropy, share);

    public static ActionValueSettings Critic(OffPolicyOptions options) =>
        new(options.HiddenSize, options.HiddenLayers, options.Activation, options.Initialization, options.CriticLearningRate);

    public static SoftTeamSettings Team(OffPolicyOptions options, ActionValueSettings critic) =>
        new(options.Tau, options.PolicyInterval, critic, options.InitialTemperature, options.AdaptTemperature, options.TemperatureLearningRate);
}
