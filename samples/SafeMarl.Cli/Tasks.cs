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
        .. Assigned(["2x3", "3x2", "6x1"], (partition, assignment) => Cheetah(partition, new SafeHalfCheetahOptions { Partition = assignment })),
        // Distances are what certificates are about, and scaling each observation by itself would hide them.
        Cheetah("3x2", new SafeHalfCheetahOptions { Objective = CheetahObjective.KeepDistance, StandardizeObservations = false }),
        Coupled("2x6", new CoupledHalfCheetahOptions()), Coupled("6x2", EachCheetahForItself), Coupled("12x1", EachCheetahForItself),
        .. Enum.GetValues<CoupledGeometry>().Select(geometry =>
            Coupled("2x6", new CoupledHalfCheetahOptions { Objective = CheetahObjective.Run, Geometry = geometry, StandardizeObservations = true })),
        .. Assigned(["2x4", "2x4d", "4x2", "8x1"], (partition, assignment) => Ant(partition, new SafeAntOptions { Partition = assignment })),
        Ant("4x2", new SafeAntOptions { Objective = AntObjective.KeepSpeed, StandardizeObservations = false }),
        Ant("8x1", new SafeAntOptions { Objective = AntObjective.KeepSpeed, NonCooperative = true, Neighborhood = 3, StandardizeObservations = false }),
        .. new[] { "2x3", "3x2", "6x1", "2x4", "4x2", "8x1" }.Select(ManyAgentAnt),
        Of("BiddingMarket", "Five generators bid into the IEEE 14-bus market under carbon allowances.", () => new BiddingMarketOptions(), options => new BiddingMarket(options)),
        .. SkirmishMap.Names.Select(Skirmish),
        Game("ConstrainedMatrixGame", "Two agents, one step, known constrained optimum.", () => new ConstrainedMatrixGame()),
        Game("ConvoyGame", "Two carts drive to their places without getting too close, known safe optimum.", () => new ConvoyGame()),
        Game("ConstrainedTwoStepGame", "Two agents, two steps, a cost for each, known constrained optimum.", () => new ConstrainedTwoStepGame()),
    ];

    /// <exception cref="SafeMarlException">There is no such task; the message lists those that there are.</exception>
    public static TaskInfo Find(string name) => All.FirstOrDefault(t => t.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new SafeMarlException($"There is no task '{name}'. The tasks: {string.Join(", ", All.Select(t => t.Name))}. A policy of a task with other options names it by --task and --task-set.");

    // Agents see three neighbours on either side.
    private static CoupledHalfCheetahOptions EachCheetahForItself => new() { NonCooperative = true, Neighborhood = 3 };

    // A policy for joints as published is none for joints as declared, so that they are tasks of their own.
    private static IEnumerable<TaskInfo> Assigned(IReadOnlyList<string> partitions, Func<string, JointAssignment, TaskInfo> task) =>
        Enum.GetValues<JointAssignment>().SelectMany(assignment => partitions.Select(partition => task(partition, assignment)));

    private static TaskInfo Cheetah(string partition, SafeHalfCheetahOptions defaults)
    {
        bool runs = defaults.Objective == CheetahObjective.Run;
        return Of(
            $"{(runs ? "Safe" : "DistanceKeeping")}HalfCheetah-{partition}{Declared(defaults.Partition)}",
            runs ? "Run a MuJoCo cheetah together without coming near a moving wall." : "Keep a MuJoCo cheetah together at its place behind a moving wall.",
            () => defaults with { }, options => new SafeHalfCheetah(AgentPartition.Parse(partition), options));
    }

    private static TaskInfo Coupled(string partition, CoupledHalfCheetahOptions defaults)
    {
        bool runs = defaults.Objective == CheetahObjective.Run, ahead = defaults.Geometry == CoupledGeometry.WallAhead;
        return Of(
            $"{(runs ? "" : "DistanceKeeping")}CoupledHalfCheetah-{partition}{(ahead ? "" : "-behind")}",
            !runs ? "Keep two MuJoCo cheetahs, tied to each other, at their places behind a moving wall."
                : ahead ? "Run two tied MuJoCo cheetahs towards a moving wall; as published, every step costs." : "Run two tied MuJoCo cheetahs before a wall comes from behind.",
            () => defaults with { }, options => new CoupledHalfCheetah(AgentPartition.Parse(partition), options));
    }

    private static TaskInfo Ant(string partition, SafeAntOptions defaults)
    {
        bool runs = defaults.Objective == AntObjective.Run;
        return Of(
            $"{(runs ? "Safe" : "SpeedKeeping")}Ant-{partition}{Declared(defaults.Partition)}",
            runs ? "Run a MuJoCo ant along a folded corridor without coming near its walls." : "Walk a MuJoCo ant at 0.7 m/s along a folded corridor.",
            () => defaults with { }, options => new SafeAnt(AgentPartition.Parse(partition), options));
    }

    private static TaskInfo ManyAgentAnt(string partition) => Of(
        $"SafeManyAgentAnt-{partition}", "Run a stiff MuJoCo bar of six or eight pairs of legs along a corridor without coming near its walls.",
        () => new SafeManyAgentAntOptions(), options => new SafeManyAgentAnt(AgentPartition.Parse(partition), options));

    private static string Declared(JointAssignment assignment) => assignment == JointAssignment.AsDeclared ? "-declared" : "";

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
