using System.Xml.Linq;
using static SafeMarl.Environments.Mujoco.Mjcf;

namespace SafeMarl.Environments.Mujoco;

/// <summary>
/// The MJCF of the planar half cheetah that is chased by a moving wall, with the numbers of the published Safe MAMuJoCo model.
/// Metres, radians, kilograms; the total mass is scaled to 14.
/// </summary>
internal static class HalfCheetahModel
{
    /// <summary>Name of the moving wall's geom.</summary>
    public const string WallGeom = "obj_geom";

    private sealed record Limb(
        string Name, string Parent, double[] Position, double[] GeomPosition, double HalfLength, double Rotation, double[] Range, double Damping, double Stiffness, double Gear);

    private static readonly Limb[] Limbs =
    [
        new("bthigh", "torso", [-.5, 0, 0], [.1, 0, -.13], .145, -3.8, [-.52, 1.05], 6, 240, 120),
        new("bshin", "bthigh", [.16, 0, -.25], [-.14, 0, -.07], .15, -2.03, [-.785, .785], 4.5, 180, 90),
        new("bfoot", "bshin", [-.28, 0, -.14], [.03, 0, -.097], .094, -.27, [-.4, .785], 3, 120, 60),
        new("fthigh", "torso", [.5, 0, 0], [-.07, 0, -.12], .133, .52, [-1, .7], 4.5, 180, 120),
        new("fshin", "fthigh", [-.14, 0, -.24], [.065, 0, -.09], .106, -.6, [-1.2, .87], 3, 120, 60),
        new("ffoot", "fshin", [.13, 0, -.18], [.045, 0, -.07], .07, -.6, [-.5, .5], 1.5, 60, 30),
    ];

    /// <summary>Actuators that belong to agents; the wall's is the last one of the model.</summary>
    public static int Actuators => Limbs.Length;

    /// <summary>The document.</summary>
    public static string Document() => Element("mujoco", null,
        Element("compiler", new { angle = "radian", inertiafromgeom = true, settotalmass = 14.0 }),
        Element("option", new { timestep = 0.01 }),
        Defaults(),
        Element("worldbody", null, [Floor(), .. SideWalls(), MovingWall(), Robot()]),
        Element("actuator", null, Limbs.Select(l => Element("motor", new { joint = l.Name, gear = l.Gear })).Append(Element("motor", new { joint = "wall_joint", gear = 120.0 }))))
        .ToString();

    private static XElement Defaults() => Element("default", null,
        Element("joint", new
        {
            armature = .1, damping = .01, stiffness = 8.0, limited = true, solreflimit = new[] { .02, 1 }, solimplimit = new[] { 0, .8, .03 },
        }),
        Element("geom", new
        {
            friction = new[] { .4, .1, .1 }, condim = 3, contype = 1, conaffinity = 0, solref = new[] { .02, 1 }, solimp = new[] { 0, .8, .01 },
        }),
        Element("motor", new { ctrllimited = true, ctrlrange = new[] { -1.0, 1 } }));

    private static XElement Floor() =>
        Element("geom", new { name = "floor", type = "plane", pos = new[] { 65.0, 0, 0 }, size = new[] { 150.0, 40, 40 }, conaffinity = 1 });

    // A planar robot never touches them; they are part of the published model.
    private static IEnumerable<XElement> SideWalls() =>
        from x in new[] { 0.0, 50, 100, 150 }
        from y in new[] { -4.0, 4 }
        select Element("geom", new { type = "box", size = new[] { 24.8, .1, 1 }, pos = new[] { x, y, 1 }, conaffinity = 1 });

    private static XElement MovingWall() => Element("body", new { name = "obj1", pos = new[] { 5, 0, .7 } },
        Element("joint", new { name = "wall_joint", type = "slide", pos = new[] { 5, 0, .7 }, axis = new[] { 1.0, 0, 0 }, damping = .2, stiffness = 0.0, range = new[] { -5000.0, 5000 } }),
        Element("geom", new { name = WallGeom, type = "box", pos = new[] { 5, 0, .7 }, size = new[] { .1, 2.3, 1.3 }, density = .0001, conaffinity = 1 }));

    private static XElement Robot() => Element("body", new { name = "torso", pos = new[] { 0, 0, .7 } },
    [
        RootJoint("rootx", "slide", [1, 0, 0]),
        RootJoint("rootz", "slide", [0, 0, 1]),
        RootJoint("rooty", "hinge", [0, 1, 0]),
        Element("geom", new { name = "torso", type = "capsule", fromto = new[] { -.5, 0, 0, .5, 0, 0 }, size = .046 }),
        Element("geom", new { name = "head", type = "capsule", pos = new[] { .6, 0, .1 }, size = new[] { .046, .15 }, axisangle = AboutY(.87) }),
        .. LimbsOf("torso"),
    ]);

    private static XElement RootJoint(string name, string type, double[] axis) =>
        Element("joint", new { name, type, axis, armature = 0.0, damping = 0.0, stiffness = 0.0, limited = false });

    private static IEnumerable<XElement> LimbsOf(string parent) => Limbs.Where(l => l.Parent == parent).Select(limb =>
        Element("body", new { name = limb.Name, pos = limb.Position },
        [
            Element("joint", new { name = limb.Name, type = "hinge", axis = new[] { 0.0, 1, 0 }, range = limb.Range, damping = limb.Damping, stiffness = limb.Stiffness }),
            Element("geom", new { name = limb.Name, type = "capsule", pos = limb.GeomPosition, size = new[] { .046, limb.HalfLength }, axisangle = AboutY(limb.Rotation) }),
            .. LimbsOf(limb.Name),
        ]));
}
