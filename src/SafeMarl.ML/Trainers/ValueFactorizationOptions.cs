using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>What every algorithm that factorises a team's value needs to know: how episodes are collected and kept, exploration, and the recurrent agents.</summary>
public abstract class ValueFactorizationOptions : TrainingOptions, IValidatableObject
{
    /// <summary>Environments that are stepped side by side.</summary>
    [Range(1, 100_000)]
    public int Environments { get; set; } = 8; // pymarl2

    /// <summary>Steps of each environment in an iteration. Its updates run beside them and learn from all episodes that ended before the iteration.</summary>
    [Range(1, 1_000_000)]
    public int RolloutSteps { get; set; } = 50;

    /// <summary>Updates for each episode that ends, once there are enough for a batch.</summary>
    [Range(0.0, 1000.0, MinimumIsExclusive = true)]
    public double UpdatesPerEpisode { get; set; } = 1; // pymarl

    /// <summary>Episodes of an update.</summary>
    [Range(1, 100_000)]
    public int BatchEpisodes { get; set; } = 32; // pymarl

    /// <summary>Episodes that the replay keeps.</summary>
    [Range(1, 10_000_000)]
    public int ReplayEpisodes { get; set; } = 5000; // pymarl, pymarl2, DBF

    /// <summary>Discount of rewards.</summary>
    [Range(0.0, 1.0)]
    public double Gamma { get; set; } = 0.99; // pymarl, DBF

    /// <summary>Lambda of TD(lambda); 0: one step.</summary>
    [Range(0.0, 1.0)]
    public double TdLambda { get; set; } = 0.6; // pymarl2, DBF

    /// <summary>Whether the network that learns chooses the actions that targets value.</summary>
    public bool DoubleQ { get; set; } = true; // pymarl, DBF

    /// <summary>Updates between two copies of the weights to where targets come from.</summary>
    [Range(1, 1_000_000)]
    public int TargetInterval { get; set; } = 200; // pymarl: episodes, with an update each

    /// <summary>Adam's step.</summary>
    [Range(0.0, 10.0, MinimumIsExclusive = true)]
    public double LearningRate { get; set; } = 1e-3; // pymarl2, DBF

    /// <summary>Adam's epsilon.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double AdamEpsilon { get; set; } = 1e-5; // DBF's public configuration

    /// <summary>The gradient of all parameters together is scaled down to this norm.</summary>
    [Range(0, 1e9, MinimumIsExclusive = true)]
    public double MaxGradientNorm { get; set; } = 10; // pymarl, DBF

    /// <summary>Share of random actions at first.</summary>
    [Range(0.0, 1.0)]
    public double InitialExploration { get; set; } = 1; // pymarl

    /// <summary>Share of random actions in the end.</summary>
    [Range(0.0, 1.0)]
    public double FinalExploration { get; set; } = 0.05; // pymarl

    /// <summary>Environment steps over which the share falls from the one to the other.</summary>
    [Range(1, long.MaxValue)]
    public long ExplorationSteps { get; set; } = 100_000; // pymarl2, DBF

    /// <summary>Width of the agents' hidden layer and recurrent unit.</summary>
    [Range(1, 1024)]
    public int HiddenSize { get; set; } = 64; // pymarl, DBF

    /// <inheritdoc/>
    public virtual IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (ReplayEpisodes < BatchEpisodes)
            yield return new ValidationResult($"it is {ReplayEpisodes:N0}; it must be at least {nameof(BatchEpisodes)}, which is {BatchEpisodes:N0}", [nameof(ReplayEpisodes)]);
    }
}
