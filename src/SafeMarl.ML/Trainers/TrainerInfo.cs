using Microsoft.ML;

namespace SafeMarl.ML;

/// <summary>An algorithm by name, for programs that let their users choose.</summary>
public sealed class TrainerInfo
{
    private readonly Func<TrainingOptions> _createOptions;
    private readonly Func<MLContext, TrainingOptions, SafeMarlTrainer> _create;

    private TrainerInfo(string name, string summary, Type optionsType, Type trainerType, Func<TrainingOptions> createOptions, Func<MLContext, TrainingOptions, SafeMarlTrainer> create) =>
        (Name, Summary, OptionsType, TrainerType, _createOptions, _create) = (name, summary, optionsType, trainerType, createOptions, create);

    /// <summary>Every algorithm of the library.</summary>
    public static IReadOnlyList<TrainerInfo> All { get; } =
    [
        Of<MafocopsOptions, MafocopsTrainer>(AlgorithmNames.Mafocops, "Constrained: first-order constrained policy optimisation in turns.", (ml, o) => new MafocopsTrainer(ml, o)),
        Of<MacpoOptions, MacpoTrainer>(AlgorithmNames.Macpo, "Constrained: constrained policy optimisation in trust regions, in turns.", (ml, o) => new MacpoTrainer(ml, o)),
        Of<MappoOptions, MappoTrainer>(AlgorithmNames.Mappo, "Unconstrained: proximal policy optimisation with a centralised critic.", (ml, o) => new MappoTrainer(ml, o)),
        Of<MappoLagrangianOptions, MappoLagrangianTrainer>(AlgorithmNames.MappoLagrangian, "Constrained: proximal policy optimisation in turns, costs priced by multipliers.", (ml, o) => new MappoLagrangianTrainer(ml, o)),
        Of<ScalMappoLagrangianOptions, ScalMappoLagrangianTrainer>(AlgorithmNames.ScalMappoLagrangian, "Constrained: MAPPO-Lagrangian in which agents look no further than their neighbourhood (a reconstruction).", (ml, o) => new ScalMappoLagrangianTrainer(ml, o)),
        Of<HappoOptions, HappoTrainer>(AlgorithmNames.Happo, "Unconstrained: proximal policy optimisation in turns.", (ml, o) => new HappoTrainer(ml, o)),
        Of<HatrpoOptions, HatrpoTrainer>(AlgorithmNames.Hatrpo, "Unconstrained: trust-region steps in turns.", (ml, o) => new HatrpoTrainer(ml, o)),
        Of<IppoOptions, IppoTrainer>(AlgorithmNames.Ippo, "Unconstrained: proximal policy optimisation, each agent by itself.", (ml, o) => new IppoTrainer(ml, o)),
        Of<Mas3acOptions, Mas3acTrainer>(AlgorithmNames.Mas3ac, "Constrained in every state: soft actor-critic with safety and stability certificates.", (ml, o) => new Mas3acTrainer(ml, o)),
        Of<HasacOptions, HasacTrainer>(AlgorithmNames.Hasac, "Unconstrained: soft actor-critic of a team in turns.", (ml, o) => new HasacTrainer(ml, o)),
        Of<MasacOptions, MasacTrainer>(AlgorithmNames.Masac, "Unconstrained: independent soft actor-critics.", (ml, o) => new MasacTrainer(ml, o)),
        Of<VdnOptions, VdnTrainer>(AlgorithmNames.Vdn, "Unconstrained: the team's value is the sum of its agents' values.", (ml, o) => new VdnTrainer(ml, o)),
        Of<QmixOptions, QmixTrainer>(AlgorithmNames.Qmix, "Unconstrained: the team's value rises with each agent's value.", (ml, o) => new QmixTrainer(ml, o)),
        Of<QplexOptions, QplexTrainer>(AlgorithmNames.Qplex, "Unconstrained: best joint actions consist of best actions, nothing else is assumed.", (ml, o) => new QplexTrainer(ml, o)),
        Of<QtranOptions, QtranTrainer>(AlgorithmNames.Qtran, "Unconstrained: agents' values are drawn to a free joint value.", (ml, o) => new QtranTrainer(ml, o)),
        Of<DmixOptions, DmixTrainer>(AlgorithmNames.Dmix, "Unconstrained: the return distribution of a team, mixed by mean and shape.", (ml, o) => new DmixTrainer(ml, o)),
        Of<ResqOptions, ResqTrainer>(AlgorithmNames.Resq, "Unconstrained: the team's value rises with each agent's value, but for a residual where actions are not the best.", (ml, o) => new ResqTrainer(ml, o)),
        Of<ReszOptions, ReszTrainer>(AlgorithmNames.Resz, "Unconstrained: ResQ for the return distribution of a team.", (ml, o) => new ReszTrainer(ml, o)),
        Of<RiskqOptions, RiskqTrainer>(AlgorithmNames.Riskq, "Risk-sensitive: agents take the actions of the least risk, by quantiles of the team's return.", (ml, o) => new RiskqTrainer(ml, o)),
        Of<RmixOptions, RmixTrainer>(AlgorithmNames.Rmix, "Risk-sensitive: agents choose by the mean of the lowest returns, and find out how low.", (ml, o) => new RmixTrainer(ml, o)),
        Of<DrimaOptions, DrimaTrainer>(AlgorithmNames.Drima, "Risk-sensitive: the environment's risk and that of what other agents do, apart from each other.", (ml, o) => new DrimaTrainer(ml, o)),
        Of<CbfOptions, CbfTrainer>(AlgorithmNames.Cbf, "Safe: DMIX whose agents leave out actions that a barrier network rejects.", (ml, o) => new CbfTrainer(ml, o)),
        Of<QbfOptions, QbfTrainer>(AlgorithmNames.Qbf, "Safe: QMIX that learns from its newest episodes not to lose agents.", (ml, o) => new QbfTrainer(ml, o)),
        Of<DbfOptions, DbfTrainer>(AlgorithmNames.Dbf, "Safe: return distributions, and a barrier loss of lost agents.", (ml, o) => new DbfTrainer(ml, o)),
    ];

    /// <summary>Name of the algorithm.</summary>
    public string Name { get; }

    /// <summary>What it does, in a line.</summary>
    public string Summary { get; }

    /// <summary>The class of its options.</summary>
    public Type OptionsType { get; }

    /// <summary>The class of its trainer.</summary>
    public Type TrainerType { get; }

    /// <summary>The algorithm of this name, in any casing.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message lists those that there are.</exception>
    public static TrainerInfo Find(string name) => All.FirstOrDefault(a => a.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new KeyNotFoundException($"There is no algorithm '{name}'. The algorithms: {string.Join(", ", All.Select(a => a.Name))}.");

    /// <summary>Options with their defaults.</summary>
    public TrainingOptions CreateOptions() => _createOptions();

    /// <summary>A trainer.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="options">Of the class <see cref="OptionsType"/>.</param>
    /// <exception cref="InvalidOptionsException">An option is missing or out of its range.</exception>
    public SafeMarlTrainer Create(MLContext mlContext, TrainingOptions options) => _create(mlContext, options);

    private static TrainerInfo Of<TOptions, TTrainer>(string name, string summary, Func<MLContext, TOptions, TTrainer> create)
        where TOptions : TrainingOptions, new()
        where TTrainer : SafeMarlTrainer =>
        new(name, summary, typeof(TOptions), typeof(TTrainer), () => new TOptions(), (ml, options) => create(ml, (TOptions)options));
}
