using Microsoft.ML;

namespace SafeMarl.ML;

/// <summary>The trainers, one pair of methods each: the few arguments that matter, or all options.</summary>
public sealed class SafeMarlTrainers
{
    private readonly MLContext _mlContext;

    internal SafeMarlTrainers(MLContext mlContext) => _mlContext = mlContext;

    /// <summary>MAFOCOPS: constrained policies by first-order optimisation in turns.</summary>
    /// <param name="costLimit">Limit on the mean cost of an episode, for every agent and channel.</param>
    /// <param name="totalSteps">Environment steps to train for.</param>
    /// <param name="seed">Seed of the run; null: drawn from the context.</param>
    public MafocopsTrainer Mafocops(double costLimit, long totalSteps = 10_000_000, int? seed = null) =>
        Mafocops(new MafocopsOptions { CostLimit = costLimit, TotalSteps = totalSteps, Seed = seed });

    /// <summary>MAFOCOPS with all options.</summary>
    /// <exception cref="InvalidOptionsException">An option is missing or out of its range.</exception>
    public MafocopsTrainer Mafocops(MafocopsOptions options) => new(_mlContext, options);

    /// <summary>MACPO: constrained policies by trust regions in turns.</summary>
    /// <param name="costLimit">Limit on the mean cost of an episode, for every agent and channel.</param>
    /// <param name="totalSteps">Environment steps to train for.</param>
    /// <param name="seed">Seed of the run; null: drawn from the context.</param>
    public MacpoTrainer Macpo(double costLimit, long totalSteps = 10_000_000, int? seed = null) =>
        Macpo(new MacpoOptions { CostLimit = costLimit, TotalSteps = totalSteps, Seed = seed });

    /// <summary>MACPO with all options.</summary>
    /// <exception cref="InvalidOptionsException">An option is missing or out of its range.</exception>
    public MacpoTrainer Macpo(MacpoOptions options) => new(_mlContext, options);

    /// <summary>MAPPO: unconstrained policies, to compare with.</summary>
    /// <param name="totalSteps">Environment steps to train for.</param>
    /// <param name="shareParameters">Whether one policy serves all agents.</param>
    /// <param name="seed">Seed of the run; null: drawn from the context.</param>
    public MappoTrainer Mappo(long totalSteps = 10_000_000, bool shareParameters = true, int? seed = null) =>
        Mappo(new MappoOptions { TotalSteps = totalSteps, ShareParameters = shareParameters, Seed = seed });

    /// <summary>MAPPO with all options.</summary>
    /// <exception cref="InvalidOptionsException">An option is missing or out of its range.</exception>
    public MappoTrainer Mappo(MappoOptions options) => new(_mlContext, options);

    /// <summary>MAPPO-Lagrangian: constrained policies by priced costs in turns.</summary>
    /// <param name="costLimit">Limit on the mean cost of an episode, for every agent and channel.</param>
    /// <param name="totalSteps">Environment steps to train for.</param>
    /// <param name="seed">Seed of the run; null: drawn from the context.</param>
    public MappoLagrangianTrainer MappoLagrangian(double costLimit, long totalSteps = 10_000_000, int? seed = null) =>
        MappoLagrangian(new MappoLagrangianOptions { CostLimit = costLimit, TotalSteps = totalSteps, Seed = seed });

    /// <summary>MAPPO-Lagrangian with all options.</summary>
    /// <exception cref="InvalidOptionsException">An option is missing or out of its range.</exception>
    public MappoLagrangianTrainer MappoLagrangian(MappoLagrangianOptions options) => new(_mlContext, options);

    /// <summary>Scal-MAPPO-Lagrangian: constrained policies in neighbourhoods, a reconstruction.</summary>
    /// <param name="costLimit">Limit on the mean cost of an episode, for every agent and channel.</param>
    /// <param name="neighborhoodSize">kappa: steps along the communication graph that an agent looks.</param>
    /// <param name="totalSteps">Environment steps to train for.</param>
    /// <param name="seed">Seed of the run; null: drawn from the context.</param>
    public ScalMappoLagrangianTrainer ScalMappoLagrangian(double costLimit, int neighborhoodSize = 1, long totalSteps = 10_000_000, int? seed = null) =>
        ScalMappoLagrangian(new ScalMappoLagrangianOptions { CostLimit = costLimit, TotalSteps = totalSteps, Seed = seed, NeighborhoodSize = neighborhoodSize });

    /// <summary>Scal-MAPPO-Lagrangian with all options.</summary>
    /// <exception cref="InvalidOptionsException">An option is missing or out of its range.</exception>
    public ScalMappoLagrangianTrainer ScalMappoLagrangian(ScalMappoLagrangianOptions options) => new(_mlContext, options);

    /// <summary>HAPPO: unconstrained policies of a team in turns, to compare with.</summary>
    /// <param name="totalSteps">Environment steps to train for.</param>
    /// <param name="seed">Seed of the run; null: drawn from the context.</param>
    public HappoTrainer Happo(long totalSteps = 10_000_000, int? seed = null) => Happo(new HappoOptions { TotalSteps = totalSteps, Seed = seed });

    /// <summary>HAPPO with all options.</summary>
    /// <exception cref="InvalidOptionsException">An option is missing or out of its range.</exception>
    public HappoTrainer Happo(HappoOptions options) => new(_mlContext, options);

    /// <summary>HATRPO: unconstrained policies of a team by trust regions in turns, to compare with.</summary>
    /// <param name="totalSteps">Environment steps to train for.</param>
    /// <param name="seed">Seed of the run; null: drawn from the context.</param>
    public HatrpoTrainer Hatrpo(long totalSteps = 10_000_000, int? seed = null) => Hatrpo(new HatrpoOptions { TotalSteps = totalSteps, Seed = seed });

    /// <summary>HATRPO with all options.</summary>
    /// <exception cref="InvalidOptionsException">An option is missing or out of its range.</exception>
    public HatrpoTrainer Hatrpo(HatrpoOptions options) => new(_mlContext, options);

    /// <summary>IPPO: unconstrained policies, each agent by itself, to compare with.</summary>
    /// <param name="totalSteps">Environment steps to train for.</param>
    /// <param name="seed">Seed of the run; null: drawn from the context.</param>
    public IppoTrainer Ippo(long totalSteps = 10_000_000, int? seed = null) => Ippo(new IppoOptions { TotalSteps = totalSteps, Seed = seed });

    /// <summary>IPPO with all options.</summary>
    /// <exception cref="InvalidOptionsException">An option is missing or out of its range.</exception>
    public IppoTrainer Ippo(IppoOptions options) => new(_mlContext, options);

    /// <summary>MAS3AC: policies that keep every cost at 0 in every state and go to the task's equilibrium, by learned certificates.</summary>
    /// <param name="totalSteps">Environment steps to train for.</param>
    /// <param name="information">What critics and safety certificates look at.</param>
    /// <param name="seed">Seed of the run; null: drawn from the context.</param>
    public Mas3acTrainer Mas3ac(long totalSteps = 3_000_000, CriticInformation information = CriticInformation.Centralized, int? seed = null) =>
        Mas3ac(new Mas3acOptions { TotalSteps = totalSteps, Information = information, Seed = seed });

    /// <summary>MAS3AC with all options.</summary>
    /// <exception cref="InvalidOptionsException">An option is missing or out of its range.</exception>
    public Mas3acTrainer Mas3ac(Mas3acOptions options) => new(_mlContext, options);

    /// <summary>HASAC: unconstrained soft policies of a team, to compare with.</summary>
    /// <param name="totalSteps">Environment steps to train for.</param>
    /// <param name="seed">Seed of the run; null: drawn from the context.</param>
    public HasacTrainer Hasac(long totalSteps = 10_000_000, int? seed = null) => Hasac(new HasacOptions { TotalSteps = totalSteps, Seed = seed });

    /// <summary>HASAC with all options.</summary>
    /// <exception cref="InvalidOptionsException">An option is missing or out of its range.</exception>
    public HasacTrainer Hasac(HasacOptions options) => new(_mlContext, options);

    /// <summary>MASAC: unconstrained soft policies, each agent by itself, to compare with.</summary>
    /// <param name="totalSteps">Environment steps to train for.</param>
    /// <param name="seed">Seed of the run; null: drawn from the context.</param>
    public MasacTrainer Masac(long totalSteps = 10_000_000, int? seed = null) => Masac(new MasacOptions { TotalSteps = totalSteps, Seed = seed });

    /// <summary>MASAC with all options.</summary>
    /// <exception cref="InvalidOptionsException">An option is missing or out of its range.</exception>
    public MasacTrainer Masac(MasacOptions options) => new(_mlContext, options);

    /// <summary>VDN: the team's value is the sum of its agents' values; unconstrained, to compare with.</summary>
    /// <param name="totalSteps">Environment steps to train for.</param>
    /// <param name="seed">Seed of the run; null: drawn from the context.</param>
    public VdnTrainer Vdn(long totalSteps = 2_000_000, int? seed = null) => Vdn(new VdnOptions { TotalSteps = totalSteps, Seed = seed });

    /// <summary>VDN with all options.</summary>
    /// <exception cref="InvalidOptionsException">An option is missing or out of its range.</exception>
    public VdnTrainer Vdn(VdnOptions options) => new(_mlContext, options);

    /// <summary>QMIX: the team's value rises with each agent's value; unconstrained, to compare with.</summary>
    /// <param name="totalSteps">Environment steps to train for.</param>
    /// <param name="seed">Seed of the run; null: drawn from the context.</param>
    public QmixTrainer Qmix(long totalSteps = 2_000_000, int? seed = null) => Qmix(new QmixOptions { TotalSteps = totalSteps, Seed = seed });

    /// <summary>QMIX with all options.</summary>
    /// <exception cref="InvalidOptionsException">An option is missing or out of its range.</exception>
    public QmixTrainer Qmix(QmixOptions options) => new(_mlContext, options);

    /// <summary>QPLEX: best joint actions consist of best actions; unconstrained, to compare with.</summary>
    /// <param name="totalSteps">Environment steps to train for.</param>
    /// <param name="seed">Seed of the run; null: drawn from the context.</param>
    public QplexTrainer Qplex(long totalSteps = 2_000_000, int? seed = null) => Qplex(new QplexOptions { TotalSteps = totalSteps, Seed = seed });

    /// <summary>QPLEX with all options.</summary>
    /// <exception cref="InvalidOptionsException">An option is missing or out of its range.</exception>
    public QplexTrainer Qplex(QplexOptions options) => new(_mlContext, options);

    /// <summary>QTRAN: agents' values are drawn to a free joint value; unconstrained, to compare with.</summary>
    /// <param name="totalSteps">Environment steps to train for.</param>
    /// <param name="seed">Seed of the run; null: drawn from the context.</param>
    public QtranTrainer Qtran(long totalSteps = 2_000_000, int? seed = null) => Qtran(new QtranOptions { TotalSteps = totalSteps, Seed = seed });

    /// <summary>QTRAN with all options.</summary>
    /// <exception cref="InvalidOptionsException">An option is missing or out of its range.</exception>
    public QtranTrainer Qtran(QtranOptions options) => new(_mlContext, options);

    /// <summary>DMIX, DDN or DPLEX: factorised return distributions; unconstrained, to compare with.</summary>
    /// <param name="totalSteps">Environment steps to train for.</param>
    /// <param name="mixing">How means are mixed.</param>
    /// <param name="seed">Seed of the run; null: drawn from the context.</param>
    public DmixTrainer Dmix(long totalSteps = 2_000_000, MeanMixing mixing = MeanMixing.Qmix, int? seed = null) => Dmix(new DmixOptions { TotalSteps = totalSteps, Mixing = mixing, Seed = seed });

    /// <summary>DMIX, DDN or DPLEX with all options.</summary>
    /// <exception cref="InvalidOptionsException">An option is missing or out of its range.</exception>
    public DmixTrainer Dmix(DmixOptions options) => new(_mlContext, options);

    /// <summary>ResQ: a monotonic joint value with a residual where actions are not the best.</summary>
    /// <param name="totalSteps">Environment steps to train for.</param>
    /// <param name="seed">Seed of the run; null: drawn from the context.</param>
    public ResqTrainer Resq(long totalSteps = 2_000_000, int? seed = null) => Resq(new ResqOptions { TotalSteps = totalSteps, Seed = seed });

    /// <summary>ResQ with all options.</summary>
    /// <exception cref="InvalidOptionsException">An option is missing or out of its range.</exception>
    public ResqTrainer Resq(ResqOptions options) => new(_mlContext, options);

    /// <summary>ResZ: ResQ for quantiles of the return.</summary>
    /// <param name="totalSteps">Environment steps to train for.</param>
    /// <param name="seed">Seed of the run; null: drawn from the context.</param>
    public ReszTrainer Resz(long totalSteps = 2_000_000, int? seed = null) => Resz(new ReszOptions { TotalSteps = totalSteps, Seed = seed });

    /// <summary>ResZ with all options.</summary>
    /// <exception cref="InvalidOptionsException">An option is missing or out of its range.</exception>
    public ReszTrainer Resz(ReszOptions options) => new(_mlContext, options);

    /// <summary>RiskQ: agents that take the actions of the least risk.</summary>
    /// <param name="totalSteps">Environment steps to train for.</param>
    /// <param name="risk">What a return is worth.</param>
    /// <param name="riskLevel">The risk measure's level.</param>
    /// <param name="seed">Seed of the run; null: drawn from the context.</param>
    public RiskqTrainer Riskq(long totalSteps = 2_000_000, RiskMeasure risk = RiskMeasure.Wang, double riskLevel = 0.75, int? seed = null) =>
        Riskq(new RiskqOptions { TotalSteps = totalSteps, Risk = risk, RiskLevel = riskLevel, Seed = seed });

    /// <summary>RiskQ with all options.</summary>
    /// <exception cref="InvalidOptionsException">An option is missing or out of its range.</exception>
    public RiskqTrainer Riskq(RiskqOptions options) => new(_mlContext, options);

    /// <summary>RMIX: agents that choose by the mean of the lowest share of returns, and find out how large a share.</summary>
    /// <param name="totalSteps">Environment steps to train for.</param>
    /// <param name="seed">Seed of the run; null: drawn from the context.</param>
    public RmixTrainer Rmix(long totalSteps = 2_000_000, int? seed = null) => Rmix(new RmixOptions { TotalSteps = totalSteps, Seed = seed });

    /// <summary>RMIX with all options.</summary>
    /// <exception cref="InvalidOptionsException">An option is missing or out of its range.</exception>
    public RmixTrainer Rmix(RmixOptions options) => new(_mlContext, options);

    /// <summary>DRIMA: agents that look apart at the risks of the environment and of each other.</summary>
    /// <param name="totalSteps">Environment steps to train for.</param>
    /// <param name="agentRisk">What agents make of the risk that others do not do their best.</param>
    /// <param name="environmentRisk">What they make of the risk in the environment.</param>
    /// <param name="seed">Seed of the run; null: drawn from the context.</param>
    public DrimaTrainer Drima(long totalSteps = 2_000_000, RiskAttitude agentRisk = RiskAttitude.Seeking, RiskAttitude environmentRisk = RiskAttitude.Averse, int? seed = null) => Drima(new DrimaOptions { TotalSteps = totalSteps, AgentRisk = agentRisk, EnvironmentRisk = environmentRisk, Seed = seed });

    /// <summary>DRIMA with all options.</summary>
    /// <exception cref="InvalidOptionsException">An option is missing or out of its range.</exception>
    public DrimaTrainer Drima(DrimaOptions options) => new(_mlContext, options);

    /// <summary>CBF: DMIX, and beside it a barrier network that rejects actions after which agents tend to be lost.</summary>
    /// <param name="totalSteps">Environment steps to train for.</param>
    /// <param name="seed">Seed of the run; null: drawn from the context.</param>
    public CbfTrainer Cbf(long totalSteps = 2_000_000, int? seed = null) => Cbf(new CbfOptions { TotalSteps = totalSteps, Seed = seed });

    /// <summary>CBF with all options.</summary>
    /// <exception cref="InvalidOptionsException">An option is missing or out of its range.</exception>
    public CbfTrainer Cbf(CbfOptions options) => new(_mlContext, options);

    /// <summary>QBF: QMIX that learns from its newest episodes not to lose agents.</summary>
    /// <param name="totalSteps">Environment steps to train for.</param>
    /// <param name="seed">Seed of the run; null: drawn from the context.</param>
    public QbfTrainer Qbf(long totalSteps = 2_000_000, int? seed = null) => Qbf(new QbfOptions { TotalSteps = totalSteps, Seed = seed });

    /// <summary>QBF with all options.</summary>
    /// <exception cref="InvalidOptionsException">An option is missing or out of its range.</exception>
    public QbfTrainer Qbf(QbfOptions options) => new(_mlContext, options);

    /// <summary>DBF: factorised return distributions, and a barrier loss of lost agents.</summary>
    /// <param name="totalSteps">Environment steps to train for.</param>
    /// <param name="seed">Seed of the run; null: drawn from the context.</param>
    public DbfTrainer Dbf(long totalSteps = 2_000_000, int? seed = null) => Dbf(new DbfOptions { TotalSteps = totalSteps, Seed = seed });

    /// <summary>DBF with all options.</summary>
    /// <exception cref="InvalidOptionsException">An option is missing or out of its range.</exception>
    public DbfTrainer Dbf(DbfOptions options) => new(_mlContext, options);
}
