namespace SafeMarl.ML;

/// <summary>A policy whose safety was verified on fresh episodes.</summary>
/// <param name="Policy">The policy, which from now on carries the card in its files.</param>
/// <param name="Card">What was found out.</param>
/// <param name="Losses">Losses of each episode.</param>
public sealed record SafetyVerification(PolicyTransformer Policy, SafetyCard Card, IReadOnlyList<double> Losses);
