using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>Options of DBF (distributional barrier functions): factorised return distributions, a barrier loss of lost agents, and agents that look back at the return they expected.</summary>
public sealed class DbfOptions : DistributionalOptions, IBarrierOptions
{
    /// <summary>Options with their defaults.</summary>
    public DbfOptions()
    {
        BatchEpisodes = 8; // DBF's table; its public code has 64
        Mixing = MeanMixing.Qplex; // DBF, eq. 6; its experiments say DMIX
        Quantiles = TargetQuantiles = 32; // DBF's public code; also those that agents look back at and act by
    }

    /// <summary>Whether a layer of each agent gets its weights from the return distribution that the agent expected in the step before.</summary>
    public bool UseReturnFeedback { get; set; } = true; // DBF

    /// <summary>Width of the network that makes these weights.</summary>
    [Range(1, 1024)]
    public int FeedbackSize { get; set; } = 32; // DBF's public code

    /// <summary>Vectors that this layer gives, of which a weighted mean is taken.</summary>
    [Range(1, 64)]
    public int FeedbackHeads { get; set; } = 2; // DBF's public code

    /// <summary>Whether these weights are cut off at 0.</summary>
    public bool NonNegativeFeedback { get; set; } = true; // DBF's text; its public code cuts off the result

    /// <inheritdoc/>
    [Required]
    public string LossChannel { get; set; } = "losses"; // the skirmish tasks' name

    /// <inheritdoc/>
    [Range(0.0, 1.0)]
    public double BarrierDiscount { get; set; } = 0.5; // DBF; its public code has 0.4

    /// <inheritdoc/>
    [Range(0.0, 1.0)]
    public double BarrierDecay { get; set; } = 0.1; // no value in the paper

    /// <inheritdoc/>
    [Range(0.0, 1e9)]
    public double? LossThreshold { get; set; } // DBF: n - 1

    /// <inheritdoc/>
    [Range(1, 100_000)]
    public int BarrierEpisodes { get; set; } = 8; // as many as an update has; DBF's public code does so

    /// <inheritdoc/>
    [Range(0.0, 1e6, MinimumIsExclusive = true)]
    public double BarrierTemperature { get; set; } = 1; // for returns of about 20

    /// <inheritdoc/>
    public bool UseBarrierBaseline { get; set; } = true;

    /// <inheritdoc/>
    public bool Published { get; set; }
}
