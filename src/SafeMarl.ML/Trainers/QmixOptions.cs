namespace SafeMarl.ML;

/// <summary>Options of QMIX (monotonic value factorisation), which knows rewards only; costs are reported, not constrained.</summary>
public sealed class QmixOptions : MonotonicOptions;
