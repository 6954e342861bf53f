namespace SafeMarl.Environments.Skirmish;

/// <summary>How fast units walk and shoot in a step.</summary>
public enum GameSpeed
{
    /// <summary>SMAClite: speeds and cooldowns of the game's "faster" setting in seconds of 16 ticks each, 1.4 times as fast a step as StarCraft II.</summary>
    SMAClite,

    /// <summary>StarCraft II at 8 game loops a step: a marine walks 1.125 cells instead of 1.575. Regeneration and healing are the same in both.</summary>
    StarCraft2,
}

/// <summary>The order in which units act within a tick.</summary>
public enum TurnOrder
{
    /// <summary>A new random order in every tick: the only randomness of a battle.</summary>
    Random,

    /// <summary>By ascending unit id, so that a battle is deterministic. Earlier units have the better of it.</summary>
    Ascending,
}

/// <summary>Options of <see cref="SkirmishBattle"/>; the defaults are SMAClite's battle with SMAC's time limits.</summary>
public sealed record SkirmishOptions
{
    /// <summary>Steps after which a battle is truncated, at least 1; null: the map's limit.</summary>
    public int? EpisodeLength { get; init; }

    /// <summary>How fast units walk and shoot in a step.</summary>
    public GameSpeed GameSpeed { get; init; } = GameSpeed.SMAClite;

    /// <summary>The order in which units act within a tick.</summary>
    public TurnOrder TurnOrder { get; init; } = TurnOrder.Random;
}
