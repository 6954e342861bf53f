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

/// <summary>A leg of an ant: a limb that is fixed to its torso, one that turns at the hip, and one that bends at the ankle.</summary>
/// <param name="Body">Name of the limb that is fixed to the torso.</param>
/// <param name="HipBody">Name of the limb that turns at the hip.</param>
/// <param name="Hip">Name of the hip's joint.</param>
/// <param name="Ankle">Name of the ankle's joint.</param>
/// <param name="Root">Direction of the fixed limb along x and y, in units of 0.2 m.</param>
/// <param name="Direction">Direction of the limbs that move along x and y, in units of 0.2 m for the hip's and 0.4 m for the ankle's.</param>
/// <param name="AnkleAxis">Axis of the ankle.</param>
/// <param name="AnkleRange">Angles of the ankle, degrees.</param>
internal sealed record AntLeg(
    string Body, string HipBody, string Hip, string Ankle, (double X, double Y) Root, (double X, double Y) Direction, double[] AnkleAxis, double[] AnkleRange);

/// <summary>What the published ant models are made of. Metres, degrees, kilograms.</summary>
internal static class AntParts
{
    private const double LegRadius = .08, MarginOfTwo = .01;
    private const int RowsOfContact = 4; // of a pyramidal cone in three dimensions
    private const int MarginsAreAdded = 3_005_000; // the MuJoCo release from which the margins of two geoms are added instead of compared

    /// <summary>A document with a motor for each of the joints.</summary>
    /// <param name="timestep">Seconds of an integrator step.</param>
    /// <param name="world">Children of the world beside the floor: the robot before the walls.</param>
    /// <param name="joints">Names of the actuated joints, in the order of the controls.</param>
    /// <param name="mujocoVersion">The library's version, which decides how contact margins are written.</param>
    /// <param name="contacts">Contacts that there is room for; null: as many as MuJoCo allots by itself.</param>
    public static string Document(double timestep, IEnumerable<XElement> world, IReadOnlyList<string> joints, int mujocoVersion, int? contacts = null) => Element("mujoco", null,
        Element("compiler", new { angle = "degree", inertiafromgeom = true }),
        Element("option", new { timestep, integrator = "RK4" }),
        Element("size", new { nconmax = contacts, njmax = RowsOfContact * contacts + joints.Count }),
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
            .. world,
        ]),
        Element("actuator", null, joints.Select(joint => Element("motor", new { joint })))).ToString();

    /// <summary>The joint that lets a robot move freely.</summary>
    public static XElement RootJoint() => Element("joint", new { name = "root", type = "free", margin = .01, armature = 0.0, damping = 0.0, limited = false });

    /// <summary>A leg with its three limbs.</summary>
    public static XElement Leg(AntLeg leg)
    {
        double[] root = At(.2, leg.Root), hip = At(.2, leg.Direction);
        return Element("body", new { name = leg.Body },
            Limb(root),
            Element("body", new { name = leg.HipBody, pos = root },
                Element("joint", new { name = leg.Hip, type = "hinge", axis = new[] { 0.0, 0, 1 }, range = new[] { -30.0, 30 } }),
                Limb(hip),
                Element("body", new { pos = hip },
                    Element("joint", new { name = leg.Ankle, type = "hinge", axis = leg.AnkleAxis, range = leg.AnkleRange }),
                    Limb(At(.4, leg.Direction)))));
    }

    /// <summary>The boxes on either side of a corridor, 40 m long and drawn <paramref name="halfWidth"/> from its centre line along y.</summary>
    /// <param name="walls">What they are.</param>
    /// <param name="halfWidth">Metres.</param>
    /// <param name="stretches">Where each straight stretch has its middle, x in metres, and its direction in degrees.</param>
    public static IEnumerable<XElement> Walls(CorridorWalls walls, double halfWidth, params (double X, double Yaw)[] stretches)
    {
        if (walls == CorridorWalls.Visual)
            return [];
        bool free = walls == CorridorWalls.Free;
        return from wall in stretches.SelectMany(s => new[] { halfWidth, -halfWidth }.Select(y => (s.X, Y: y, s.Yaw))).Index()
               let box = Element("geom", new { type = "box", size = new[] { 20, .01, .7 }, density = 1e-6, conaffinity = 1 })
               select Element("body", new { name = $"b{wall.Index + 1}", pos = new[] { wall.Item.X, wall.Item.Y, free ? 1 : .7 }, axisangle = new[] { 0, 0, 1, wall.Item.Yaw } },
                   free ? [Element("joint", new { name = $"b{wall.Index + 1}_fj", type = "free", armature = 0.0, damping = 0.0, limited = false }), box] : [box]);
    }

    private static XElement Limb(double[] end) => Element("geom", new { type = "capsule", fromto = new[] { 0, 0, 0, end[0], end[1], end[2] }, size = LegRadius });

    private static double[] At(double distance, (double X, double Y) direction) => [distance * direction.X, distance * direction.Y, 0];
}
