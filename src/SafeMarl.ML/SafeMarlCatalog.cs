using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.ML.Evaluation;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Trainers;

namespace SafeMarl.ML;

/// <summary>Safe multi-agent reinforcement learning in an ML.NET context: <c>mlContext.SafeMarl()</c>.</summary>
public sealed class SafeMarlCatalog
{
    private readonly MLContext _mlContext;

    internal SafeMarlCatalog(MLContext mlContext) => (_mlContext, Trainers) = (mlContext, new SafeMarlTrainers(mlContext));

    /// <summary>The trainers.</summary>
    public SafeMarlTrainers Trainers { get; }

    /// <summary>
    /// An environment as a data view, for trainers and for looking at: its rows are made while they are read, by agents that act uniformly at
    /// random. See <see cref="ColumnNames"/> for the columns.
    /// </summary>
    /// <param name="environment">Makes the environment.</param>
    /// <param name="episodes">Episodes that the rows cover; training is not bound by it.</param>
    /// <param name="seed">Seed of the rows' episodes and actions.</param>
    public IDataView LoadFromEnvironment(Func<IMultiAgentEnvironment> environment, int episodes = 10, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(episodes);
        return new EnvironmentDataView(environment, episodes, seed);
    }

    /// <summary>Plays fresh episodes and says how well and how safely the policy does, with confidence bounds.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="environment">A view made by <see cref="LoadFromEnvironment"/>.</param>
    /// <param name="episodes">Episodes to play.</param>
    public SafeMarlMetrics Evaluate(PolicyTransformer policy, IDataView environment, int episodes = 100) =>
        Evaluate(policy, environment, new EvaluationOptions { Episodes = episodes });

    /// <summary>Plays fresh episodes, with all options.</summary>
    /// <exception cref="SafeMarlException">The policy does not fit the environment.</exception>
    public SafeMarlMetrics Evaluate(PolicyTransformer policy, IDataView environment, EvaluationOptions options)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(options);
        return Evaluator.Evaluate(policy.Policy, ViewOf(environment).Factory, options);
    }

    /// <summary>Plays fresh episodes in which the agents act uniformly at random: what any policy should beat.</summary>
    public SafeMarlMetrics EvaluateRandom(IDataView environment, EvaluationOptions? options = null) =>
        Evaluator.Evaluate(policy: null, ViewOf(environment).Factory, options ?? new EvaluationOptions());

    /// <summary>
    /// Plays held-out episodes, compares what the policy's certificates say with what comes, and chooses the thresholds below which they predict a
    /// violation. The policy that is given back carries them, for <see cref="SafetyMonitor"/>.
    /// </summary>
    /// <param name="policy">A policy with certificates.</param>
    /// <param name="environment">A view made by <see cref="LoadFromEnvironment"/>.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="SafeMarlException">The policy has no certificates, or does not fit the environment.</exception>
    public CertificateCalibration CalibrateCertificates(PolicyTransformer policy, IDataView environment, CalibrationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        policy.Policy.ThrowIfUncertified();
        (IReadOnlyList<CertificateFit> fits, Policy calibrated) = CertificateCalibrator.Calibrate(policy.Policy, ViewOf(environment).Factory, options ?? new CalibrationOptions());
        return new CertificateCalibration(FromPolicy(calibrated), fits);
    }

    /// <summary>
    /// Plays fresh episodes, counts what is lost in each, and certifies how often that exceeds a limit at most. The policy that is given back carries the result, its
    /// safety card, in its files.
    /// </summary>
    /// <param name="policy">The policy, trained and chosen without these episodes.</param>
    /// <param name="environment">A view made by <see cref="LoadFromEnvironment"/>.</param>
    /// <param name="episodes">Episodes to play, at least 1.</param>
    /// <param name="confidence">Confidence of the certificates, between 0 and 1.</param>
    /// <param name="maxLosses">Losses above which an episode is unsafe, at least 0: lost agents, or a cost where the task does not say which agents are lost.</param>
    /// <exception cref="InvalidOptionsException">A value is outside its range.</exception>
    /// <exception cref="SafeMarlException">The policy does not fit the environment.</exception>
    public SafetyVerification Verify(PolicyTransformer policy, IDataView environment, int episodes = 1000, double confidence = 0.95, double maxLosses = 0) =>
        Verify(policy, environment, new VerificationOptions { Episodes = episodes, Confidence = confidence, MaxLosses = maxLosses });

    /// <summary>Plays fresh episodes and certifies how safe they were, with all options.</summary>
    /// <exception cref="InvalidOptionsException">An option is outside its range, or names no cost of the task.</exception>
    /// <exception cref="SafeMarlException">The policy does not fit the environment.</exception>
    /// <exception cref="EnvironmentException">The environment reports something that no bound could be stated for, or an episode does not end.</exception>
    public SafetyVerification Verify(PolicyTransformer policy, IDataView environment, VerificationOptions options)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(options);
        (SafetyCard card, double[] losses) = SafetyVerifier.Verify(policy.Policy, ViewOf(environment).Factory, options);
        return new SafetyVerification(FromPolicy(policy.Policy.WithSafetyCard(card)), card, losses);
    }

    /// <summary>A policy of the library's neutral file format as a transformer.</summary>
    public PolicyTransformer FromPolicy(Policy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return new PolicyTransformer(_mlContext, policy);
    }

    /// <summary>
    /// A policy from either of its files: an ML.NET model (<c>mlContext.Model.Save</c>) or the neutral format (<see cref="Policy.Save(string)"/>).
    /// </summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CorruptFileException">The file is damaged, of another kind or of a newer version.</exception>
    /// <exception cref="SafeMarlException">It is a model without a policy.</exception>
    public PolicyTransformer LoadPolicy(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return PolicyArtifact.IsModelFile(path) ? PolicyTransformer.From(_mlContext, PolicyArtifact.LoadModel(_mlContext, path)) : FromPolicy(Policy.Load(path));
    }

    private static EnvironmentDataView ViewOf(IDataView environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return environment as EnvironmentDataView ?? throw new ArgumentException(
            "An evaluation acts and needs a view that carries an environment; make one with mlContext.SafeMarl().LoadFromEnvironment(() => new MyEnvironment()).",
            nameof(environment));
    }
}
