namespace SafeMarl.Environments.SafeMujoco;

/// <summary>
/// Random pushes on the robots of a task (MAS3AC, appendix J.1), new in every step: a horizontal force on each torso, normally distributed with
/// a standard deviation that is a share of the robot's weight.
/// </summary>
public enum Disturbance
{
    /// <summary>None.</summary>
    None,

    /// <summary>5 % of the weight.</summary>
    Small,

    /// <summary>20 % of the weight.</summary>
    Medium,

    /// <summary>50 % of the weight.</summary>
    Strong,
}
