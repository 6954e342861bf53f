using System.Xml.Linq;
using static SafeMarl.Environments.Mujoco.Mjcf;

namespace SafeMarl.Environments.Mujoco;

/// <summary>The MJCF of the many-agent ant in a straight corridor, with the numbers of the published Safe MAMuJoCo model: a stiff bar of segments with two legs each.</summary>
/// <remarks>
/// Positions: free joint (7), then hip and ankle of either leg of each segment from the head on, then a pose (7) of each of the two walls where they are free.
/// Controls: the same joints in the same order.
/// </remarks>
internal static class ManyAgentAntModel
{
    /// <summary>Hip and ankle of two legs.</summary>
    public const int JointsPerSegment = 4;

    /// <summary>The walls stand this far from the centre line along y, metres.</summary>
    public const double HalfWidth = 4.5;

    private const double SegmentLength = 1;
    private const int PublishedContacts = 200, ContactsPerSegment = 25; // two legs on the floor have up to 12, and some of them touch a wall

    /// <summary>Name of a segment's body; 0 is the head, which is the root.</summary>
    public static string Torso(int segment) => $"torso_{segment}";

    /// <summary>The document.</summary>
    /// <param name="segments">Segments, the head included.</param>
    /// <param name="walls">What marks the corridor.</param>
    /// <param name="mujocoVersion">The library's version, which decides how contact margins are written.</param>
    public static string Document(int segments, CorridorWalls walls, int mujocoVersion) => AntParts.Document(
        timestep: .005,
        [Segment(0, segments), .. AntParts.Walls(walls, HalfWidth, (0, 30))],
        [.. Enumerable.Range(0, segments).SelectMany(LegsOf).SelectMany(leg => new[] { leg.Hip, leg.Ankle })], mujocoVersion, contacts: Math.Max(PublishedContacts, ContactsPerSegment * segments));

    // The head is a point that the legs are fixed to. Segments behind it are fixed to the one before, so that the robot is stiff.
    private static XElement Segment(int i, int segments) => Element("body", new { name = Torso(i), pos = i == 0 ? new[] { 0, 0, .75 } : [-SegmentLength, 0, 0] },
    [
        i == 0 ? AntParts.RootJoint() : Element("geom", new { type = "capsule", fromto = new[] { SegmentLength, 0, 0, 0, 0, 0 }, size = .1, density = 100.0 }),
        .. LegsOf(i).Select(AntParts.Leg),
        .. i + 1 < segments ? [Segment(i + 1, segments)] : Array.Empty<XElement>(),
    ]);

    private static AntLeg[] LegsOf(int segment) => segment == 0
        ?
        [
            Leg("front_left_leg", "aux1", 1, 0, (1, 1), (1, 1), [-1, 1, 0], [30, 70]),
            Leg("right_back_leg", "aux2", 2, 0, (1, -1), (1, -1), [1, 1, 0], [30, 70]),
        ]
        :
        [
            Leg("front_right_leg", "aux_2", 1, segment, (0, 1), (-1, 1), [1, 1, 0], [-70, -30]),
            Leg("back_leg", "aux2", 2, segment, (0, -1), (-1, -1), [-1, 1, 0], [-70, -30]),
        ];

    private static AntLeg Leg(
        string body, string hipBody, int number, int segment, (double X, double Y) root, (double X, double Y) direction, double[] ankleAxis, double[] ankleRange) =>
        new($"{body}_{segment}", $"{hipBody}_{segment}", $"hip{number}_{segment}", $"ankle{number}_{segment}", root, direction, ankleAxis, ankleRange);
}
