namespace SafeMarl.Environments.SafeMujoco;

/// <summary>Which joints a partition gives to an agent. The published tasks list joints for each agent, and control others.</summary>
public enum JointAssignment
{
    /// <summary>As the published tasks act: the agents' actions, one after the other, go to the actuators in the order of the model.</summary>
    AsPublished,

    /// <summary>As the published tasks say: every agent controls the joints that are listed for it.</summary>
    AsDeclared,
}
