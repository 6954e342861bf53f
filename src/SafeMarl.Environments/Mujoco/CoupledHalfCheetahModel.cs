using static SafeMarl.Environments.Mujoco.CheetahParts;
using static SafeMarl.Environments.Mujoco.Mjcf;

namespace SafeMarl.Environments.Mujoco;

/// <summary>The two published geometries of the coupled cheetahs.</summary>
public enum CoupledGeometry
{
    /// <summary>The stand-alone Safe MAMuJoCo repository: the wall begins 10 m ahead, and the side walls at x = 0 stand at y = +-4.</summary>
    WallAhead,

    /// <summary>The MACPO repository: the wall begins 34 m behind and stops at -4 m, and the side walls at x = 0 stand at y = +-7.3.</summary>
    WallBehind,
}

/// <summary>The MJCF of two half cheetahs that run side by side, tied to each other by a tendon of 1.5 to 3.5 m between their torsos.</summary>
/// <remarks>Positions and velocities: wall, then rootx, rootz, rooty and six joints of each cheetah. Controls: six joints each, wall.</remarks>
internal static class CoupledHalfCheetahModel
{
    /// <summary>Suffixes of the two cheetahs' names.</summary>
    public static readonly string[] Suffixes = ["", "2"];

    /// <summary>The document.</summary>
    public static string Document(CoupledGeometry geometry)
    {
        bool ahead = geometry == CoupledGeometry.WallAhead;
        double y0 = ahead ? 4 : 7.3;
        return CheetahParts.Document(
            [
                Floor(), SideWall(0, -y0), SideWall(0, y0),
                .. from x in new[] { 50.0, 100, 150 }
                   from y in new[] { -4.0, 4 }
                   select SideWall(x, y),
                SideWall(-50, 4), SideWall(-50, -4),
                ahead ? MovingWall(x: 5, travel: 5000, anchor: 5) : MovingWall(x: -39, travel: 30, anchor: 2),
                .. Suffixes.Select((suffix, i) => Robot(suffix, y: 2 * i - 1, Element("site", new { name = $"t{i + 1}" }))),
            ],
            Suffixes,
            Element("tendon", null, Element("spatial", new { name = "tendon1", limited = true, range = new[] { 1.5, 3.5 }, stiffness = .1 },
                Element("site", new { site = "t1" }), Element("site", new { site = "t2" }))));
    }
}
