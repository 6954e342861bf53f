using static SafeMarl.Environments.Mujoco.CheetahParts;

namespace SafeMarl.Environments.Mujoco;

/// <summary>The MJCF of the planar half cheetah that is chased by a moving wall, with the numbers of the published Safe MAMuJoCo model.</summary>
/// <remarks>Positions and velocities: wall, rootx, rootz, rooty, six joints. Controls: six joints, wall.</remarks>
internal static class HalfCheetahModel
{
    /// <summary>The document.</summary>
    public static string Document() => CheetahParts.Document(
        [
            Floor(),
            .. from x in new[] { 0.0, 50, 100, 150 }
               from y in new[] { -4.0, 4 }
               select SideWall(x, y),
            MovingWall(x: 5, travel: 5000, anchor: 5),
            Robot("", y: 0),
        ],
        suffixes: [""]);
}
