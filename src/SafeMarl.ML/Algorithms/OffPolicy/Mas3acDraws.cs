namespace SafeMarl.ML.Algorithms.OffPolicy;

/// <summary>The actions that a turn of MAS3AC looks at.</summary>
/// <param name="Bootstrap">After the steps of the reward's returns, for its targets.</param>
/// <param name="Present">Of the step itself; only where policies learn.</param>
/// <param name="CertifiedTargets">After the step, for the certificates' targets.</param>
/// <param name="CertifiedNext">After the step, for the hinges.</param>
internal sealed record Mas3acDraws(JointActions Bootstrap, JointActions? Present, JointActions CertifiedTargets, JointActions CertifiedNext)
{
    /// <summary>Lets an agent act anew, by the same draws, after its policy has changed.</summary>
    public void Redo(int agent)
    {
        foreach (JointActions actions in new[] { Bootstrap, Present, CertifiedTargets, CertifiedNext }.OfType<JointActions>().Distinct())
            actions.Redo(agent);
    }
}
