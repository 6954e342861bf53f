namespace SafeMarl.ML;

/// <summary>Options of VDN (value decomposition networks), which knows rewards only; costs are reported, not constrained.</summary>
public sealed class VdnOptions : ValueFactorizationOptions;
