namespace SafeMarl.ML;

/// <summary>What the trust-region indicator of FOCOPS multiplies.</summary>
public enum FocopsIndicator
{
    /// <summary>The whole bracket, KL and advantage: the text of both papers and FOCOPS' code.</summary>
    WholeBracket,

    /// <summary>The advantage only: MAFOCOPS eq. 11 as printed.</summary>
    AdvantageOnly,
}
