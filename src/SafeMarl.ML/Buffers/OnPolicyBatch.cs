namespace SafeMarl.ML.Buffers;

/// <summary>
/// One rollout of T steps in E environments. Sample t * E + e is step t of environment e; arrays are <c>[T, E, ...]</c>.
/// </summary>
internal sealed record OnPolicyBatch
{
    /// <summary>T * E.</summary>
    public required int Samples { get; init; }

    /// <summary>E.</summary>
    public required int Environments { get; init; }

    /// <summary>Environment steps since training began, this rollout's included.</summary>
    public required long Steps { get; init; }

    /// <summary>Which rollout this is, from 0; random choices of an update are drawn from (seed, iteration).</summary>
    public required long Iteration { get; init; }

    /// <summary>What centralised critics see <c>[T, E, state]</c>.</summary>
    public required float[] States { get; init; }

    /// <summary>Per agent <c>[T, E, observation]</c>.</summary>
    public required float[][] Observations { get; init; }

    /// <summary>Per agent <c>[T, E, alternatives]</c>, 1 where available; empty when actions are not masked.</summary>
    public required float[][] Masks { get; init; }

    /// <summary>Per agent <c>[T, E, action]</c>.</summary>
    public required float[][] Actions { get; init; }

    /// <summary>Per agent, log-probability of the action when it was taken <c>[T, E]</c>.</summary>
    public required float[][] LogProbs { get; init; }

    /// <summary>Per agent <c>[T, E]</c>.</summary>
    public required float[][] Rewards { get; init; }

    /// <summary>Per agent and channel <c>[T, E]</c>.</summary>
    public required float[][][] Costs { get; init; }

    /// <summary>Whether the step ended its episode, in either way <c>[T, E]</c>.</summary>
    public required bool[] Ended { get; init; }

    /// <summary>Samples whose next state is not the next row but has to be looked up: truncated steps, and the rollout's last ones.</summary>
    public required int[] Bootstrapped { get; init; }

    /// <summary>The states after the samples in <see cref="Bootstrapped"/> <c>[bootstrapped, state]</c>.</summary>
    public required float[] BootstrapStates { get; init; }

    /// <summary>Per agent, the observations after the samples in <see cref="Bootstrapped"/> <c>[bootstrapped, observation]</c>.</summary>
    public required float[][] BootstrapObservations { get; init; }

    /// <summary>Episodes that ended in this rollout.</summary>
    public required IReadOnlyList<EpisodeSummary> Episodes { get; init; }

    /// <summary>Mean cost of an agent's episodes that ended in this rollout, J_C; null when none did.</summary>
    public double? MeanEpisodeCost(int agent, int channel) => Episodes.Count == 0 ? null : Episodes.Average(e => e.Costs[agent][channel]);
}
