using Microsoft.Extensions.Configuration;
using SafeMarl.Environments;
using SafeMarl.Environments.Games;
using SafeMarl.Environments.Mujoco;
using SafeMarl.Environments.PowerMarket;
using SafeMarl.Environments.SafeMujoco;
using SafeMarl.Environments.Skirmish;
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
        Cheetah("Safe", "2x3", CheetahObjective.Run), Cheetah("Safe", "3x2", CheetahObjective.Run), Cheetah("Safe", "6x1", CheetahObjective.Run),
        Cheetah("DistanceKeeping", "3x2", CheetahObjective.KeepDistance), Coupled("2x6"), Coupled("6x2"), Coupled("12x1"),
        Ant("Safe", "2x4", new SafeAntOptions()), Ant("Safe", "4x2", new SafeAntOptions()), Ant("Safe", "8x1", new SafeAntOptions()),
        Ant("SpeedKeeping", "4x2", new SafeAntOptions { Objective = AntObjective.KeepSpeed, StandardizeObservations = false }),
        Ant("SpeedKeeping", "8x1", new SafeAntOptions { Objective = AntObjective.KeepSpeed, NonCooperative = true, Neighborhood = 3, StandardizeObservations = false }),
        Of("BiddingMarket", "Five generators bid into the IEEE 14-bus market under carbon allowances.", () => new BiddingMarketOptions(), options => new BiddingMarket(options)),
        .. SkirmishMap.Names.Select(Skirmish),
        Game("ConstrainedMatrixGame", "Two agents, one step, known constrained optimum.", () => new ConstrainedMatrixGame()),
        Game("ConvoyGame", "Two carts drive to their places without getting too close, known safe optimum.", () => new ConvoyGame()),
        Game("ConstrainedTwoStepGame", "Two agents, two steps, a cost for each, known constrained optimum.", () => new ConstrainedTwoStepGame()),
    ];

    /// <exception cref="SafeMarlException">There is no such task; the message lists those that there are.</exception>
    public static TaskInfo Find(string name) => All.FirstOrDefault(t => t.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new SafeMarlException($"There is no task '{name}'. The tasks: {string.Join(", ", All.Select(t => t.Name))}. A policy of a task with other options names it by --task and --task-set.");

    private static TaskInfo Cheetah(string kind, string partition, CheetahObjective objective) => Of(
        $"{kind}HalfCheetah-{partition}",
        objective == CheetahObjective.Run ? "Run a MuJoCo cheetah together without coming near a moving wall." : "Keep a MuJoCo cheetah together at its place behind a moving wall.",
        // Distances are what certificates are about, and scaling each observation by itself would hide them.
        () => new SafeHalfCheetahOptions { Objective = objective, StandardizeObservations = objective == CheetahObjective.Run }, options => new SafeHalfCheetah(AgentPartition.Parse(partition), options));

    // Two agents share their signals; more have those of their own cheetah, and see three neighbours on either side.
    private static TaskInfo Coupled(string partition) => Of(
        $"DistanceKeepingCoupledHalfCheetah-{partition}", "Keep two MuJoCo cheetahs, tied to each other, at their places behind a moving wall.",
        () => partition == "2x6" ? new CoupledHalfCheetahOptions() : new CoupledHalfCheetahOptions { NonCooperative = true, Neighborhood = 3 },
        options => new CoupledHalfCheetah(AgentPartition.Parse(partition), options));

    private static TaskInfo Ant(string kind, string partition, SafeAntOptions defaults) => Of(
        $"{kind}Ant-{partition}",
        defaults.Objective == AntObjective.Run ? "Run a MuJoCo ant along a folded corridor without coming near its walls." : "Walk a MuJoCo ant at 0.7 m/s along a folded corridor.",
        () => defaults with { }, options => new SafeAnt(AgentPartition.Parse(partition), options));

    private static TaskInfo Skirmish(string map)
    {
        var shared = new Lazy<SkirmishMap>(() => SkirmishMap.BuiltIn(map));
        return Of($"Skirmish-{map}", "StarCraft-style units beat an army; lost units are the cost.", () => new SkirmishOptions(), options => new SkirmishBattle(shared.Value, options));
    }

    private static TaskInfo Of<TOptions>(string name, string summary, Func<TOptions> defaults, Func<TOptions, IMultiAgentEnvironment> create)
        where TOptions : class => new(name, summary, Settings.Describe(defaults()), configuration =>
        {
            TOptions options = Settings.Bind(defaults(), configuration);
            return () => create(options);
        });

    private static TaskInfo Game(string name, string summary, Func<IMultiAgentEnvironment> create) => new(name, summary, new Dictionary<string, string>(), configuration =>
    {
        if (configuration.AsEnumerable().Any())
            throw new SafeMarlException($"The task '{name}' has no options.");
        return create;
    });
}
