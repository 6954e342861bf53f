namespace SafeMarl.ML;

/// <summary>Names of the columns that environments give and policies read and write.</summary>
public static class ColumnNames
{
    /// <summary>Number of the episode, from 0 (Int64).</summary>
    public const string Episode = "Episode";

    /// <summary>Number of the step in its episode, from 0 (Int64).</summary>
    public const string Step = "Step";

    /// <summary>Name of the agent (text).</summary>
    public const string AgentId = "AgentId";

    /// <summary>What the agent saw before it acted (vector of Single).</summary>
    public const string Observation = "Observation";

    /// <summary>The global state before the step, or all observations, where the task has none (vector of Single).</summary>
    public const string State = "State";

    /// <summary>What all agents did (vector of Single).</summary>
    public const string JointAction = "JointAction";

    /// <summary>1 for each alternative that was available (vector of Single); only where actions are masked.</summary>
    public const string ActionMask = "ActionMask";

    /// <summary>What the agent did: numbers of a box, or the index of an alternative (vector of Single).</summary>
    public const string Action = "Action";

    /// <summary>What an agent remembers before a step (vector of Single): empty in the first step of an episode, later the <see cref="NextHidden"/> of the step before; only for policies that remember.</summary>
    public const string Hidden = "Hidden";

    /// <summary>What an agent remembers after a step (vector of Single); only of policies that remember.</summary>
    public const string NextHidden = "NextHidden";

    /// <summary>Probability of each alternative, or its value for policies that take the best (vector of Single); only of policies with discrete actions.</summary>
    public const string Score = "Score";

    /// <summary>The safety certificate of each cost, for what all agents do (vector of Single); only of policies with certificates.</summary>
    public const string SafetyCertificate = "SafetyCertificate";

    /// <summary>The stability certificate, for what all agents do (Single; NaN where an agent has none); only of policies with certificates.</summary>
    public const string StabilityCertificate = "StabilityCertificate";

    /// <summary>The agent's reward (Single).</summary>
    public const string Reward = "Reward";

    /// <summary>The agent's costs, one per channel (vector of Single).</summary>
    public const string Cost = "Cost";

    /// <summary>The agent's distance to the desired equilibrium (Single); only where the task has one.</summary>
    public const string Deviation = "Deviation";

    /// <summary>Whether the task ended the episode with this step (Boolean).</summary>
    public const string Terminated = "Terminated";

    /// <summary>Whether the episode was cut after this step (Boolean).</summary>
    public const string Truncated = "Truncated";
}
