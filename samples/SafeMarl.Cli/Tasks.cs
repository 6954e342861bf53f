using Microsoft.Extensions.Configuration;
using SafeMarl.Environments;
using SafeMarl.Environments.Games;
using SafeMarl.Environments.Mujoco;
using SafeMarl.Environments.PowerMarket;
using SafeMarl.Environments.SafeMujoco;
using SafeMarl.ML;

namespace SafeMarl.Cli;

/// <summary>A built-in task by name.</summary>
/// <param name="Name">As it is typed.</param>
/// <param name="Summary">What it is about, in a line.</param>
/// <param name="Options">Names and defaults of its options.</param>
/// <param name="Create">A factory for the task with options set by name.</param>
internal sealed record TaskInfo(string Name, string Summary, IReadOnlyDictionary<string, string> Options, Func<IConfiguration, Func<IMultiAgentEnvironment>> Create);

/// <summary>The built-in tasks.</summary>
internal static class Tasks
{
    public static IReadOnlyList<TaskInfo> All { get; } =
    [
        Cheetah("2x3"), Cheetah("3x2"), Cheetah("6x1"),
        Of<BiddingMarketOptions>("BiddingMarket", "Five generators bid into the IEEE 14-bus market under carbon allowances.", options => new BiddingMarket(options)),
        Game("ConstrainedMatrixGame", "Two agents, one step, known constrained optimum.", () => new ConstrainedMatrixGame()),
        Game("ConstrainedTwoStepGame", "Two agents, two steps, a cost for each, known constrained optimum.", () => new ConstrainedTwoStepGame()),
    ];

    /// <exception cref="SafeMarlException">There is no such task; the message lists those that there are.</exception>
    public static TaskInfo Find(string name) => All.FirstOrDefault(t => t.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new SafeMarlException($"There is no task '{name}'. The tasks: {string.Join(", ", All.Select(t => t.Name))}.");

    private static TaskInfo Cheetah(string partition) => Of<SafeHalfCheetahOptions>(
        $"SafeHalfCheetah-{partition}", "Run a MuJoCo cheetah together without coming near a moving wall.", options => new SafeHalfCheetah(AgentPartition.Parse(partition), options));

    private static TaskInfo Of<TOptions>(string name, string summary, Func<TOptions, IMultiAgentEnvironment> create)
        where TOptions : class, new() => new(name, summary, Settings.Describe(new TOptions()), configuration =>
        {
            TOptions options = Settings.Bind(new TOptions(), configuration);
            return () => create(options);
        });

    private static TaskInfo Game(string name, string summary, Func<IMultiAgentEnvironment> create) => new(name, summary, new Dictionary<string, string>(), configuration =>
    {
        if (configuration.AsEnumerable().Any())
            throw new SafeMarlException($"The task '{name}' has no options.");
        return create;
    });
}
