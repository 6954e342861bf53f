using SafeMarl.ML.Buffers;

namespace SafeMarl.ML.Algorithms.ValueFactorization;

/// <summary>Where records of a task have the cost of lost agents.</summary>
internal static class LossColumns
{
    /// <summary>The column of each agent that has the cost.</summary>
    /// <param name="task">The task.</param>
    /// <param name="channel">Name of the cost.</param>
    /// <exception cref="InvalidOptionsException">No agent has it.</exception>
    public static IReadOnlyList<(int Agent, int Column)> Of(TaskShape task, string channel)
    {
        var layout = new TransitionLayout(task);
        (int, int)[] columns = [.. task.Agents.SelectMany((a, i) => a.CostChannels.Index().Where(c => c.Item == channel).Select(c => (i, layout.Cost(i, c.Index))))];
        return columns.Length > 0 ? columns : throw new InvalidOptionsException(
            $"LossChannel is '{channel}', and no agent has such a cost, nor does the task say which agents are lost; its costs: {string.Join(", ", task.Agents.SelectMany(a => a.CostChannels).Distinct())}.");
    }
}
