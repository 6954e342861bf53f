using System.Text.Json;
using SafeMarl.Environments.Skirmish;

namespace SafeMarl.Environments.Tests.Skirmish;

/// <summary>A battle that SMAClite played, step by step, and what it takes to play it again.</summary>
internal sealed class RecordedBattle
{
    private const string Kind = "smaclite";

    private RecordedBattle(string path)
    {
        JsonElement root = GoldenFiles.Read(path);
        IsDouble = Path.GetFileNameWithoutExtension(path).EndsWith("_f64", StringComparison.Ordinal);
        Root = root;
        Steps = [.. root.GetProperty("steps").EnumerateArray()];
        Map = SkirmishMap.BuiltIn(root.GetProperty("map").GetString()!);
    }

    /// <summary>The whole file.</summary>
    public JsonElement Root { get; }

    public IReadOnlyList<JsonElement> Steps { get; }

    public SkirmishMap Map { get; }

    /// <summary>Whether positions were kept in double precision; else in single, as published.</summary>
    public bool IsDouble { get; }

    /// <summary>Whether a moving unit ever had a wall in range.</summary>
    public bool WallsMatter => Root.Number("moving_units_with_static_obstacle_in_range(unit-ticks)") > 0;

    /// <summary>Every recorded battle, one test case each: files that are named for a map.</summary>
    public static IEnumerable<TestCaseData> Cases() => GoldenFiles.Cases("skirmish", Kind)
        .Where(c => SkirmishMap.Names.Any(map => $"{Path.GetFileNameWithoutExtension((string)c.Arguments[0]!)}_".StartsWith($"{Kind}_{map}_", StringComparison.Ordinal)));

    public static RecordedBattle Read(string path) => new(path);

    public SkirmishBattle Create() => new(Map, new SkirmishOptions { TurnOrder = TurnOrder.Ascending });

    /// <summary>Puts the recorded state before a step into a battle.</summary>
    public void Load(SkirmishBattle battle, int step)
    {
        JsonElement state = step == 0 ? Root.GetProperty("initial") : Steps[step - 1];
        foreach ((string name, double[] values) in Quantities(battle.Simulation.Units))
            state.Numbers(name).CopyTo(values, 0);
        Whole(state.GetProperty("target")).CopyTo(battle.Simulation.Units.Target, 0);
        battle.RefreshMasks();
    }

    /// <summary>Makes a recorded step, in the recorded order and precision.</summary>
    public EpisodeStatus Play(SkirmishBattle battle, int step, StepMemory memory)
    {
        JsonElement record = Steps[step];
        int[] ascending = [.. Enumerable.Range(0, battle.Simulation.Units.Count)];
        int[][] orders = record.TryGetProperty("tick_order", out JsonElement listed)
            ? [.. listed.EnumerateArray().Select(Whole)]
            : [.. Enumerable.Repeat(ascending, BattleSimulation.TicksPerStep)];
        battle.Simulation.OrderOfTick = tick =>
        {
            Round();
            return orders[tick];
        };
        EpisodeStatus status = battle.Step([.. record.Numbers("actions").Select(a => (float)a)], memory[0]);
        Round();
        return status;

        void Round()
        {
            if (!IsDouble)
                RoundPositions(battle.Simulation.Units);
        }
    }

    /// <summary>What is recorded of each unit, by its name in the files.</summary>
    public static (string Name, double[] Values)[] Quantities(UnitStates units) =>
    [
        ("x", units.X), ("y", units.Y), ("vx", units.VelocityX), ("vy", units.VelocityY), ("hp", units.Hp), ("shield", units.Shield), ("cooldown", units.Cooldown),
        ("energy", units.Energy), ("shield_cooldown", units.ShieldDelay), ("heal_pool", units.HealPool),
    ];

    public static int[] Whole(JsonElement array) => [.. array.Numbers().Select(n => (int)n)];

    /// <summary>Positions in the published engine are kept in single precision.</summary>
    public static void RoundPositions(UnitStates units)
    {
        foreach (double[] coordinates in new[] { units.X, units.Y })
        {
            foreach (ref double coordinate in coordinates.AsSpan())
                coordinate = (float)coordinate;
        }
    }
}
