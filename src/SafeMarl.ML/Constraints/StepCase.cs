namespace SafeMarl.ML.Constraints;

/// <summary>What a step's constraints allow, numbered as in MACPO's code.</summary>
internal enum StepCase
{
    /// <summary>No step in the trust region satisfies the linearised constraints: only the violation is reduced.</summary>
    Recovery = 0,

    /// <summary>A constraint is violated, and the trust region reaches where none is.</summary>
    Violated = 1,

    /// <summary>No constraint is violated, but the trust region reaches where one would be.</summary>
    Reachable = 2,

    /// <summary>The whole trust region satisfies the constraints.</summary>
    Inactive = 3,

    /// <summary>Nothing that the policy does changes a cost.</summary>
    Unconstrained = 4,
}
