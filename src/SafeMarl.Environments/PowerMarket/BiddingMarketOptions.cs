namespace SafeMarl.Environments.PowerMarket;

/// <summary>Options of <see cref="BiddingMarket"/>. The paper (MAS3AC, appendix H.5) leaves most of them open; the defaults are recommendations.</summary>
public sealed record BiddingMarketOptions
{
    /// <summary>Clearings in an episode.</summary>
    public int EpisodeLength { get; init; } = 100;

    /// <summary>Limits of the branches.</summary>
    public BranchLimits Limits { get; init; } = BranchLimits.Tight;

    /// <summary>Bid of the action -1, $/MWh.</summary>
    public double LowestBid { get; init; } = 15;

    /// <summary>Bid of the action 1, $/MWh.</summary>
    public double HighestBid { get; init; } = 60;

    /// <summary>Weight alpha of the profit in the reward, per $/h.</summary>
    public double ProfitWeight { get; init; } = 1e-3;

    /// <summary>Weight beta of staying in the stable band.</summary>
    public double BandWeight { get; init; } = 1;

    /// <summary>Weight gamma of the distance to the desired output, per MW; the deviation carries it too.</summary>
    public double DeviationWeight { get; init; } = 0.02;

    /// <summary>Half-width of the stable band, as a share of the desired output.</summary>
    public double Band { get; init; } = 0.2;

    /// <summary>Carbon allowance, as a multiple of what the desired output emits.</summary>
    public double Allowance { get; init; } = 1.1;

    /// <summary>Amplitude of the daily cycle of the loads (24 clearings), as a share of the usual load.</summary>
    public double LoadCycle { get; init; } = 0.2;

    /// <summary>Standard deviation of each load's slow noise, as a share of the usual load.</summary>
    public double LoadNoise { get; init; } = 0.05;
}
