using SafeMarl.Environments;

namespace SafeMarl.ML.Tests.Support;

/// <summary>What agents have learned to do in games of a single step, in which they see 1.</summary>
internal static class OneStepGames
{
    /// <summary>Trains, and gives the action of each agent.</summary>
    public static int[] Actions(SafeMarlTrainer trainer, Func<IMultiAgentEnvironment> game)
    {
        Policy policy = trainer.Fit(game).Policy;
        var action = new float[1];
        return [.. policy.Agents.Select(agent =>
        {
            agent.Act([1], default, agent.CreateMemory(), action);
            return (int)action[0];
        })];
    }
}
