using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.ML;
using SafeMarl.ML;
using SafeMarl.ML.Trainers;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Safe multi-agent reinforcement learning in a service collection.</summary>
public static class SafeMarlServiceCollectionExtensions
{
    /// <summary>
    /// Registers every trainer with options from the section <c>Trainers:NAME</c>, NAME being the algorithm's
    /// (<c>SafeMarl:Trainers:Mafocops</c> when <paramref name="configuration"/> is the section <c>SafeMarl</c>).
    /// </summary>
    /// <remarks>
    /// Options are those of <see cref="IOptionsMonitor{TOptions}"/>, both unnamed and by the algorithm's name. A section that is there is
    /// validated when the host starts; unknown keys are errors. Trainers are transient: each takes the options of the moment it is resolved.
    /// An <see cref="MLContext"/> is registered unless there is one, seeded by the key <c>Seed</c>.
    /// </remarks>
    /// <param name="services">The services.</param>
    /// <param name="configuration">The library's section.</param>
    public static IServiceCollection AddSafeMarl(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        services.TryAddSingleton(_ => new MLContext(configuration.GetValue<int?>("Seed")));
        services.TryAddSingleton(provider => provider.GetRequiredService<MLContext>().SafeMarl());
        services.AddTrainer<MafocopsOptions>(configuration, AlgorithmNames.Mafocops);
        services.AddTrainer<MacpoOptions>(configuration, AlgorithmNames.Macpo);
        services.AddTrainer<MappoOptions>(configuration, AlgorithmNames.Mappo);
        services.AddTrainer<MappoLagrangianOptions>(configuration, AlgorithmNames.MappoLagrangian);
        services.AddTrainer<ScalMappoLagrangianOptions>(configuration, AlgorithmNames.ScalMappoLagrangian);
        services.AddTrainer<HappoOptions>(configuration, AlgorithmNames.Happo);
        services.AddTrainer<HatrpoOptions>(configuration, AlgorithmNames.Hatrpo);
        services.AddTrainer<IppoOptions>(configuration, AlgorithmNames.Ippo);
        services.AddTrainer<Mas3acOptions>(configuration, AlgorithmNames.Mas3ac);
        services.AddTrainer<HasacOptions>(configuration, AlgorithmNames.Hasac);
        services.AddTrainer<MasacOptions>(configuration, AlgorithmNames.Masac);
        services.AddTrainer<VdnOptions>(configuration, AlgorithmNames.Vdn);
        services.AddTrainer<QmixOptions>(configuration, AlgorithmNames.Qmix);
        services.AddTrainer<QplexOptions>(configuration, AlgorithmNames.Qplex);
        services.AddTrainer<QtranOptions>(configuration, AlgorithmNames.Qtran);
        services.AddTrainer<DmixOptions>(configuration, AlgorithmNames.Dmix);
        services.AddTrainer<ResqOptions>(configuration, AlgorithmNames.Resq);
        services.AddTrainer<ReszOptions>(configuration, AlgorithmNames.Resz);
        services.AddTrainer<RiskqOptions>(configuration, AlgorithmNames.Riskq);
        services.AddTrainer<RmixOptions>(configuration, AlgorithmNames.Rmix);
        services.AddTrainer<DrimaOptions>(configuration, AlgorithmNames.Drima);
        services.AddTrainer<CbfOptions>(configuration, AlgorithmNames.Cbf);
        services.AddTrainer<QbfOptions>(configuration, AlgorithmNames.Qbf);
        services.AddTrainer<DbfOptions>(configuration, AlgorithmNames.Dbf);
        return services;
    }

    private static void AddTrainer<TOptions>(this IServiceCollection services, IConfiguration configuration, string algorithm)
        where TOptions : TrainingOptions
    {
        IConfigurationSection section = configuration.GetSection($"Trainers:{algorithm}");
        foreach (string name in new[] { Options.Options.DefaultName, algorithm })
            services.AddOptions<TOptions>(name).Bind(section, binder => binder.ErrorOnUnknownConfiguration = true);
        if (section.Exists())
            services.AddOptions<TOptions>().ValidateOnStart();
        services.AddSingleton<IValidateOptions<TOptions>, Validation<TOptions>>();
        TrainerInfo info = TrainerInfo.Find(algorithm);
        services.AddTransient(info.TrainerType, provider =>
            info.Create(provider.GetRequiredService<MLContext>(), provider.GetRequiredService<IOptionsMonitor<TOptions>>().CurrentValue));
    }

    private sealed class Validation<TOptions> : IValidateOptions<TOptions>
        where TOptions : TrainingOptions
    {
        public ValidateOptionsResult Validate(string? name, TOptions options) =>
            OptionsValidation.Problems(options) is { Count: > 0 } problems ? ValidateOptionsResult.Fail(problems) : ValidateOptionsResult.Success;
    }
}
