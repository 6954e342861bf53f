using System.Xml.Linq;
using static SafeMarl.Environments.Mujoco.Mjcf;

namespace SafeMarl.Environments.Mujoco;

/// <summary>
/// What the published cheetah models are made of: planar robots, a wall that moves along x, and side walls. Metres, radians, kilograms;
/// the total mass of a model is scaled to 14.
/// </summary>
internal static class CheetahParts
{
    /// <summary>Name of the moving wall's geom.</summary>
    public const string WallGeom = "obj_geom";

    /// <summary>Name of a robot's root body, to which its suffix is added.</summary>
    public const string Torso = "torso";

    private sealed record Limb(
        string Name, string Parent, double[] Position, double[] GeomPosition, double HalfLength, double Rotation, double[] Range, double Damping, double Stiffness, double Gear);

    private static readonly Limb[] Limbs =
    [
        new("bthigh", Torso, [-.5, 0, 0], [.1, 0, -.13], .145, -3.8, [-.52, 1.05], 6, 240, 120),
        new("bshin", "bthigh", [.16, 0, -.25], [-.14, 0, -.07], .15, -2.03, [-.785, .785], 4.5, 180, 90),
        new("bfoot", "bshin", [-.28, 0, -.14], [.03, 0, -.097], .094, -.27, [-.4, .785], 3, 120, 60),
        new("fthigh", Torso, [.5, 0, 0], [-.07, 0, -.12], .133, .52, [-1, .7], 4.5, 180, 120),
        new("fshin", "fthigh", [-.14, 0, -.24], [.065, 0, -.09], .106, -.6, [-1.2, .87], 3, 120, 60),
        new("ffoot", "fshin", [.13, 0, -.18], [.045, 0, -.07], .07, -.6, [-.5, .5], 1.5, 60, 30),
    ];

    /// <summary>Actuated joints of a robot.</summary>
    public static int JointCount => Limbs.Length;

    /// <summary>The wall's control at a time in seconds: it moves with up to 9.6 m/s, backwards at times.</summary>
    public static double WallControl(double time) => 0.02 * Math.Pow(Math.Sin(time / 3), 2) - 0.004;

    /// <summary>A document with the moving wall's motor after those of the robots.</summary>
    /// <param name="world">Children of the world: the moving wall before the robots.</param>
    /// <param name="suffixes">Suffixes of the robots.</param>
    /// <param name="others">Further children of the document.</param>
    public static string Document(IEnumerable<XElement> world, string[] suffixes, params IEnumerable<XElement> others) => Element("mujoco", null,
    [
        Element("compiler", new { angle = "radian", inertiafromgeom = true, settotalmass = 14.0 }),
        Element("option", new { timestep = 0.01 }),
        Defaults(),
        Element("worldbody", null, world),
        .. others,
        Element("actuator", null,
            [.. suffixes.SelectMany(s => Limbs.Select(l => Element("motor", new { joint = l.Name + s, gear = l.Gear }))), Element("motor", new { joint = "wall_joint", gear = 120.0 })]),
    ]).ToString();

    public static XElement Floor() =>
        Element("geom", new { name = "floor", type = "plane", pos = new[] { 65.0, 0, 0 }, size = new[] { 150.0, 40, 40 }, conaffinity = 1 });

    /// <summary>A side wall; a planar robot never touches it.</summary>
    public static XElement SideWall(double x, double y) =>
        Element("geom", new { type = "box", size = new[] { 24.8, .1, 1 }, pos = new[] { x, y, 1 }, conaffinity = 1 });

    /// <summary>The wall that moves along x; it begins 5 m ahead of its body's position.</summary>
    /// <param name="x">Position of the body, metres.</param>
    /// <param name="travel">How far it can go either way, metres.</param>
    /// <param name="anchor">Where its joint is drawn; of no effect on a slide, and part of the published models.</param>
    public static XElement MovingWall(double x, double travel, double anchor) => Element("body", new { name = "obj1", pos = new[] { x, 0, .7 } },
        Element("joint", new { name = "wall_joint", type = "slide", pos = new[] { anchor, 0, .7 }, axis = new[] { 1.0, 0, 0 }, damping = .2, stiffness = 0.0, range = new[] { -travel, travel } }),
        Element("geom", new { name = WallGeom, type = "box", pos = new[] { 5, 0, .7 }, size = new[] { .1, 2.3, 1.3 }, density = .0001, conaffinity = 1 }));

    /// <summary>A robot.</summary>
    /// <param name="suffix">Added to all its names.</param>
    /// <param name="y">Where its plane lies.</param>
    /// <param name="attached">What else is fixed to its torso.</param>
    public static XElement Robot(string suffix, double y, params IEnumerable<XElement> attached) => Element("body", new { name = Torso + suffix, pos = new[] { 0, y, .7 } },
    [
        RootJoint("rootx" + suffix, "slide", [1, 0, 0]),
        RootJoint("rootz" + suffix, "slide", [0, 0, 1]),
        RootJoint("rooty" + suffix, "hinge", [0, 1, 0]),
        .. attached,
        Element("geom", new { name = Torso + suffix, type = "capsule", fromto = new[] { -.5, 0, 0, .5, 0, 0 }, size = .046 }),
        Element("geom", new { name = "head" + suffix, type = "capsule", pos = new[] { .6, 0, .1 }, size = new[] { .046, .15 }, axisangle = AboutY(.87) }),
        .. LimbsOf(Torso, suffix),
    ]);

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

    private static XElement RootJoint(string name, string type, double[] axis) =>
        Element("joint", new { name, type, axis, armature = 0.0, damping = 0.0, stiffness = 0.0, limited = false });

    private static IEnumerable<XElement> LimbsOf(string parent, string suffix) => Limbs.Where(l => l.Parent == parent).Select(limb =>
        Element("body", new { name = limb.Name + suffix, pos = limb.Position },
        [
            Element("joint", new { name = limb.Name + suffix, type = "hinge", axis = new[] { 0.0, 1, 0 }, range = limb.Range, damping = limb.Damping, stiffness = limb.Stiffness }),
            Element("geom", new { name = limb.Name + suffix, type = "capsule", pos = limb.GeomPosition, size = new[] { .046, limb.HalfLength }, axisangle = AboutY(limb.Rotation) }),
            .. LimbsOf(limb.Name, suffix),
        ]));
}
