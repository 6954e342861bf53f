namespace SafeMarl.ML;

/// <summary>When a multiplier moves.</summary>
public enum MultiplierSchedule
{
    /// <summary>Once per rollout, before the policies, by how far the mean cost of an episode is from its limit.</summary>
    Rollout,

    /// <summary>
    /// After each gradient step, by (1 - gamma) times that plus the mean of rho C over the minibatch, as MAPPO-Lagrangian's code has it; gains do not count.
    /// </summary>
    Minibatch,
}
