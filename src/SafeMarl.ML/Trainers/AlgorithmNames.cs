namespace SafeMarl.ML;

/// <summary>Names of the algorithms, as options sections, policies, logs and the command line use them.</summary>
public static class AlgorithmNames
{
    /// <summary>Multi-agent first-order constrained optimisation in policy space.</summary>
    public const string Mafocops = "Mafocops";

    /// <summary>Multi-agent constrained policy optimisation.</summary>
    public const string Macpo = "Macpo";

    /// <summary>Multi-agent proximal policy optimisation.</summary>
    public const string Mappo = "Mappo";

    /// <summary>Multi-agent proximal policy optimisation with Lagrange multipliers.</summary>
    public const string MappoLagrangian = "MappoLagrangian";

    /// <summary>MAPPO-Lagrangian with critics and importance factors of neighbourhoods; a reconstruction.</summary>
    public const string ScalMappoLagrangian = "ScalMappoLagrangian";

    /// <summary>Heterogeneous-agent proximal policy optimisation.</summary>
    public const string Happo = "Happo";

    /// <summary>Heterogeneous-agent trust-region policy optimisation.</summary>
    public const string Hatrpo = "Hatrpo";

    /// <summary>Independent proximal policy optimisation.</summary>
    public const string Ippo = "Ippo";

    /// <summary>Multi-agent soft actor-critic with safety and stability certificates.</summary>
    public const string Mas3ac = "Mas3ac";

    /// <summary>Heterogeneous-agent soft actor-critic.</summary>
    public const string Hasac = "Hasac";

    /// <summary>Multi-agent soft actor-critic: independent learners.</summary>
    public const string Masac = "Masac";

    /// <summary>Value decomposition networks.</summary>
    public const string Vdn = "Vdn";

    /// <summary>Monotonic value factorisation.</summary>
    public const string Qmix = "Qmix";

    /// <summary>Duplex duelling value factorisation.</summary>
    public const string Qplex = "Qplex";

    /// <summary>Factorisation by transformation.</summary>
    public const string Qtran = "Qtran";

    /// <summary>Factorised return distributions: DMIX, DDN and DPLEX.</summary>
    public const string Dmix = "Dmix";

    /// <summary>A monotonic value and a residual.</summary>
    public const string Resq = "Resq";

    /// <summary>A monotonic return distribution and a residual.</summary>
    public const string Resz = "Resz";

    /// <summary>Risk-sensitive value factorisation.</summary>
    public const string Riskq = "Riskq";

    /// <summary>QMIX of the lowest returns, with levels of risk.</summary>
    public const string Rmix = "Rmix";

    /// <summary>Values that tell the environment's risk from that of other agents.</summary>
    public const string Drima = "Drima";

    /// <summary>DMIX with a control barrier function.</summary>
    public const string Cbf = "Cbf";

    /// <summary>QMIX with a barrier loss.</summary>
    public const string Qbf = "Qbf";

    /// <summary>Distributional barrier functions.</summary>
    public const string Dbf = "Dbf";
}
