using SafeMarl.Environments.Mujoco;

namespace SafeMarl.Environments.Tests.Mujoco;

/// <summary>The models that reference data exist for, by the names of their files.</summary>
internal static class PublishedModels
{
    public static IReadOnlyList<string> Kinds { get; } = ["half_cheetah", "coupled_bench", "coupled_macpo", "ant", "manyagent_ant"];

    public static string Document(string name) => name switch
    {
        "half_cheetah" => HalfCheetahModel.Document(),
        "coupled_bench" => CoupledHalfCheetahModel.Document(CoupledGeometry.WallAhead),
        "coupled_macpo" => CoupledHalfCheetahModel.Document(CoupledGeometry.WallBehind),
        "ant" => AntModel.Document(CorridorWalls.Free, MujocoLibrary.Default.Version),
        "manyagent_ant_6" => ManyAgentAntModel.Document(6, CorridorWalls.Free, MujocoLibrary.Default.Version),
        "manyagent_ant_8" => ManyAgentAntModel.Document(8, CorridorWalls.Free, MujocoLibrary.Default.Version),
        _ => throw new ArgumentException($"There is no model '{name}'.", nameof(name)),
    };
}
