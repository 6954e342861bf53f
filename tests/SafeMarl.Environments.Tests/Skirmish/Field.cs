using System.Text.Json;
using SafeMarl.Environments.Skirmish;

namespace SafeMarl.Environments.Tests.Skirmish;

/// <summary>Small battles for tests: any units on an open field, put where a test wants them.</summary>
internal static class Field
{
    /// <summary>Size of the field, without walls inside.</summary>
    public const int Size = 40;

    public static SkirmishMap Map(string[] allies, string[] enemies) => MapReader.Read(JsonSerializer.Serialize(new
    {
        name = "field",
        episodeLength = 50,
        terrain = Enumerable.Repeat(new string('.', Size), Size),
        attackPoint = new[] { 1, 20 },
        groups = allies.Select(u => Group("ally", 10, u)).Concat(enemies.Select(u => Group("enemy", 30, u))),
    }), "field");

    /// <summary>A battle by ascending ids, with units where they are told to be: allies first.</summary>
    public static BattleSimulation Battle(string[] allies, string[] enemies, params (double X, double Y)[] at)
    {
        var battle = new BattleSimulation(Map(allies, enemies), 1);
        battle.Reset();
        Put(battle.Units, at);
        return battle;
    }

    public static void Put(UnitStates units, params (double X, double Y)[] at)
    {
        for (int i = 0; i < at.Length; i++)
            (units.X[i], units.Y[i]) = at[i];
    }

    /// <summary>One step by ascending ids.</summary>
    public static void Step(this BattleSimulation battle)
    {
        var unused = new RandomStream(0);
        battle.Step(ref unused, shuffles: false);
    }

    private static object Group(string side, int x, string unit) => new { side, at = new[] { x, 20 }, units = new Dictionary<string, int> { [unit] = 1 } };
}
