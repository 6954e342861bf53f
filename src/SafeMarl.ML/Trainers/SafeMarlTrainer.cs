using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SafeMarl.Environments;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Trainers;
using SafeMarl.ML.Training;

namespace SafeMarl.ML;

/// <summary>An ML.NET estimator that fits the policies of several agents to an environment.</summary>
/// <remarks>Options are copied and checked when a trainer is made; changing them later has no effect.</remarks>
public abstract class SafeMarlTrainer : IEstimator<PolicyTransformer>
{
    private static readonly JsonSerializerOptions Json = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, Converters = { new JsonStringEnumConverter() },
    };

    private readonly MLContext _mlContext;
    private readonly IHost _host;
    private readonly TrainingOptions _options;

    private protected SafeMarlTrainer(MLContext mlContext, string algorithm, TrainingOptions options)
    {
        OptionsValidation.ThrowIfInvalid(options);
        (_mlContext, Algorithm, _options) = (mlContext, algorithm, options);
        _host = ((IHostEnvironment)mlContext).Register(algorithm, options.Seed);
    }

    private protected static TOptions Copy<TOptions>(TOptions options)
        where TOptions : TrainingOptions
    {
        ArgumentNullException.ThrowIfNull(options);
        return JsonSerializer.Deserialize<TOptions>(JsonSerializer.SerializeToUtf8Bytes(options, Json), Json)!;
    }

    /// <summary>Name of the algorithm.</summary>
    public string Algorithm { get; }

    /// <summary>Fits policies to the environment of a view made by <c>mlContext.SafeMarl().LoadFromEnvironment</c>.</summary>
    /// <exception cref="ArgumentException">The view carries no environment.</exception>
    public PolicyTransformer Fit(IDataView input) => Fit(input, new TrainingRun());

    /// <summary>Fits policies to the environment of a view, with a run folder, somebody who watches, or a way to stop.</summary>
    /// <inheritdoc cref="Fit(Func{IMultiAgentEnvironment}, TrainingRun)"/>
    public PolicyTransformer Fit(IDataView input, TrainingRun run)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input is EnvironmentDataView view ? Fit(view.Factory, run) : throw new ArgumentException(
            $"{Algorithm} learns by acting and needs a view that carries an environment; this one has only rows. "
            + "Make one with mlContext.SafeMarl().LoadFromEnvironment(() => new MyEnvironment()), and pass it as it is, without transforms in between.", nameof(input));
    }

    /// <summary>Fits policies to an environment.</summary>
    /// <param name="environment">Makes the environment; called once for each that is stepped side by side.</param>
    /// <param name="run">Folder, observers and cancellation; null: none.</param>
    /// <returns>The policies as a transformer.</returns>
    /// <exception cref="DeviceUnavailableException">The device is not there.</exception>
    /// <exception cref="RunFolderException">The run folder cannot be written.</exception>
    /// <exception cref="CorruptFileException">The checkpoint to resume from is damaged.</exception>
    /// <exception cref="NonFiniteException">A reward, cost, observation, loss or gradient is not finite.</exception>
    public PolicyTransformer Fit(Func<IMultiAgentEnvironment> environment, TrainingRun? run = null)
    {
        ArgumentNullException.ThrowIfNull(environment);
        run ??= new TrainingRun();
        using IChannel channel = _host.Start("Training");
        Policy policy = Train(environment, run, new ChannelLog(channel));
        return new PolicyTransformer(_mlContext, policy);
    }

    /// <summary>Fits policies on a thread of its own, for callers that must not wait.</summary>
    /// <inheritdoc cref="Fit(Func{IMultiAgentEnvironment}, TrainingRun)"/>
    public Task<PolicyTransformer> FitAsync(Func<IMultiAgentEnvironment> environment, TrainingRun? run = null) =>
        Task.Factory.StartNew(() => Fit(environment, run), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => PolicyArtifact.GetOutputSchema(_mlContext, inputSchema, Remembers);

    // Whether the policies that are fitted remember their episodes.
    private protected virtual bool Remembers => false;

    /// <summary>Trains with everything that is the algorithm's own.</summary>
    private protected abstract Policy Train(TrainingSetup setup);

    private Policy Train(Func<IMultiAgentEnvironment> environment, TrainingRun run, ITrainingLog log)
    {
        int seed = _options.Seed ?? SeedOfCheckpoint(run) ?? _host.Rand.Next();
        int threads = _options.WorkerThreads > 0 ? _options.WorkerThreads : Environment.ProcessorCount;
        Placement placement = Placement.ForTraining(_options.Device);
        return Train(new TrainingSetup(Algorithm, environment, run, JsonSerializer.SerializeToElement(_options, _options.GetType(), Json), _options.TotalSteps, seed, threads, placement, log));
    }

    private static int? SeedOfCheckpoint(TrainingRun run) => run is { Resume: true, Folder: not null } ? new CheckpointFolder(run.Folder).LoadLatest()?.Header.Seed : null;

    private sealed class ChannelLog(IChannel channel) : ITrainingLog
    {
        // Braces would be taken for placeholders.
        public void Info(string message) => channel.Info(MessageSensitivity.None, "{0}", message);

        public void Warning(string message) => channel.Warning(MessageSensitivity.None, "{0}", message);
    }
}
