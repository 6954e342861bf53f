using System.Xml.Linq;
using static SafeMarl.Environments.Mujoco.Mjcf;

namespace SafeMarl.Environments.Mujoco;

/// <summary>What the boxes are that mark an ant's corridor. The costs of the tasks use the corridor's lines, not the boxes.</summary>
public enum CorridorWalls
{
    /// <summary>There are none: the same motion of the robot as with free walls until it touches one, and several times faster.</summary>
    Visual,

    /// <summary>Free bodies of a milligram, as published: they fall to the floor, and tip over when they are touched.</summary>
    Free,

    /// <summary>Fixed boxes that block the way.</summary>
    Static,
}

/// <summary>The MJCF of the four-legged ant in a folded corridor, with the numbers of the published Safe MAMuJoCo model. Metres, degrees, kilograms.</summary>
/// <remarks>
/// Positions: free joint (7), then hip and ankle of legs 1 to 4, then a pose (7) of each of the six walls where they are free.
/// Controls, in the published order: hip_4, ankle_4, hip_1, ankle_1, hip_2, ankle_2, hip_3, ankle_3.
/// </remarks>
internal static class AntModel
{
    /// <summary>Name of the root body.</summary>
    public const string Torso = "torso";

    private const double LegRadius = .08, MarginOfTwo = .01;
    private const int MarginsAreAdded = 3_005_000; // the MuJoCo release from which the margins of two geoms are added instead of compared

    private sealed record Leg(string Name, int Number, double X, double Y, double[] AnkleAxis, double[] AnkleRange);

    private static readonly Leg[] Legs =
    [
        new("front_left_leg", 1, 1, 1, [-1, 1, 0], [30, 70]),
        new("front_right_leg", 2, -1, 1, [1, 1, 0], [-70, -30]),
        new("back_leg", 3, -1, -1, [-1, 1, 0], [-70, -30]),
        new("right_back_leg", 4, 1, -1, [1, 1, 0], [30, 70]),
    ];

    /// <summary>Bodies of the legs, 1 to 4.</summary>
    public static IReadOnlyList<string> LegBodies { get; } = [.. Legs.Select(l => l.Name)];

    /// <summary>The document.</summary>
    /// <param name="walls">What marks the corridor.</param>
    /// <param name="mujocoVersion">The library's version, which decides how contact margins are written.</param>
    public static string Document(CorridorWalls walls, int mujocoVersion) => Element("mujoco", null,
        Element("compiler", new { angle = "degree", inertiafromgeom = true }),
        Element("option", new { timestep = .01, integrator = "RK4" }),
        Element("default", null,
            Element("joint", new { armature = 1.0, damping = 1.0, limited = true }),
            Element("geom", new
            {
                condim = 3, contype = 1, conaffinity = 0, density = 5.0, friction = new[] { 1, .5, .5 }, margin = mujocoVersion >= MarginsAreAdded ? MarginOfTwo / 2 : MarginOfTwo,
            }),
            Element("motor", new { ctrllimited = true, ctrlrange = new[] { -1.0, 1 }, gear = 150.0 })),
        Element("worldbody", null,
        [
            Element("geom", new { name = "floor", type = "plane", pos = new[] { 30.0, 0, 0 }, size = new[] { 70.0, 25, 40 }, conaffinity = 1 }),
            Robot(),
            .. Walls(walls),
        ]),
        Element("actuator", null, new[] { 4, 1, 2, 3 }.SelectMany(leg => new[] { $"hip_{leg}", $"ankle_{leg}" }).Select(joint => Element("motor", new { joint })))).ToString();

    private static XElement Robot() => Element("body", new { name = Torso, pos = new[] { 0, 0, .75 } },
    [
        Element("joint", new { name = "root", type = "free", margin = .01, armature = 0.0, damping = 0.0, limited = false }),
        Element("geom", new { type = "sphere", size = .25 }),
        .. Legs.Select(Chain),
    ]);

    // Leg body, fixed to the torso; hip body; ankle body.
    private static XElement Chain(Leg leg)
    {
        double[] fifth = [.2 * leg.X, .2 * leg.Y, 0];
        return Element("body", new { name = leg.Name },
            Capsule(fifth),
            Element("body", new { name = $"aux_{leg.Number}", pos = fifth },
                Element("joint", new { name = $"hip_{leg.Number}", type = "hinge", axis = new[] { 0.0, 0, 1 }, range = new[] { -30.0, 30 } }),
                Capsule(fifth),
                Element("body", new { pos = fifth },
                    Element("joint", new { name = $"ankle_{leg.Number}", type = "hinge", axis = leg.AnkleAxis, range = leg.AnkleRange }),
                    Capsule([.4 * leg.X, .4 * leg.Y, 0]))));
    }

    private static XElement Capsule(double[] end) => Element("geom", new { type = "capsule", fromto = new[] { 0, 0, 0, end[0], end[1], end[2] }, size = LegRadius });

    private static IEnumerable<XElement> Walls(CorridorWalls walls)
    {
        if (walls == CorridorWalls.Visual)
            return [];
        bool free = walls == CorridorWalls.Free;
        return from wall in new (double X, double Yaw)[] { (0, 30), (40, -30), (80, 30) }.SelectMany(w => new[] { 5.0, -5 }.Select(y => (w.X, Y: y, w.Yaw))).Index()
               let box = Element("geom", new { type = "box", size = new[] { 20, .01, .7 }, density = 1e-6, conaffinity = 1 })
               select Element("body", new { name = $"b{wall.Index + 1}", pos = new[] { wall.Item.X, wall.Item.Y, free ? 1 : .7 }, axisangle = new[] { 0, 0, 1, wall.Item.Yaw } },
                   free ? [Element("joint", new { name = $"b{wall.Index + 1}_fj", type = "free", armature = 0.0, damping = 0.0, limited = false }), box] : [box]);
    }
}
