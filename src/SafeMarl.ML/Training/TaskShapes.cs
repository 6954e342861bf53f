using SafeMarl.Environments;
using SafeMarl.ML.Buffers;

namespace SafeMarl.ML.Training;

/// <summary>What algorithms may know of an environment.</summary>
internal static class TaskShapes
{
    public static TaskShape Of(EnvironmentSpec spec) => new(
        [.. spec.Agents.Select(a => new AgentShape(a.Name, a.ObservationSize, a.ActionSpace, [.. a.Costs.Select(c => c.Name)], a.Neighbors, a.OwnState))],
        spec.StateSize > 0 ? spec.StateSize : spec.Layout.ObservationSize, spec.StateSize > 0, spec.SharedReward, spec.SharedCosts, spec.HasDeviation, spec.HasDisturbance);
}
