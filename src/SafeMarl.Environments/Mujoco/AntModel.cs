using static SafeMarl.Environments.Mujoco.Mjcf;

namespace SafeMarl.Environments.Mujoco;

/// <summary>The MJCF of the four-legged ant in a folded corridor, with the numbers of the published Safe MAMuJoCo model.</summary>
/// <remarks>
/// Positions: free joint (7), then hip and ankle of legs 1 to 4, then a pose (7) of each of the six walls where they are free.
/// Controls, in the published order: hip_4, ankle_4, hip_1, ankle_1, hip_2, ankle_2, hip_3, ankle_3.
/// </remarks>
internal static class AntModel
{
    /// <summary>Name of the root body.</summary>
    public const string Torso = "torso";

    /// <summary>The walls stand this far from the centre line along y, metres.</summary>
    public const double HalfWidth = 5;

    private static readonly AntLeg[] Legs =
    [
        Leg("front_left_leg", 1, (1, 1), [-1, 1, 0], [30, 70]),
        Leg("front_right_leg", 2, (-1, 1), [1, 1, 0], [-70, -30]),
        Leg("back_leg", 3, (-1, -1), [-1, 1, 0], [-70, -30]),
        Leg("right_back_leg", 4, (1, -1), [1, 1, 0], [30, 70]),
    ];

    private static readonly AntLeg[] LegsOfControls = [Legs[3], Legs[0], Legs[1], Legs[2]];

    /// <summary>Bodies of the legs, 1 to 4.</summary>
    public static IReadOnlyList<string> LegBodies { get; } = [.. Legs.Select(l => l.Body)];

    /// <summary>The document.</summary>
    /// <param name="walls">What marks the corridor.</param>
    /// <param name="mujocoVersion">The library's version, which decides how contact margins are written.</param>
    public static string Document(CorridorWalls walls, int mujocoVersion) => AntParts.Document(
        timestep: .01,
        [
            Element("body", new { name = Torso, pos = new[] { 0, 0, .75 } },
                [AntParts.RootJoint(), Element("geom", new { type = "sphere", size = .25 }), .. Legs.Select(AntParts.Leg)]),
            .. AntParts.Walls(walls, HalfWidth, (0, 30), (40, -30), (80, 30)),
        ],
        [.. LegsOfControls.SelectMany(leg => new[] { leg.Hip, leg.Ankle })], mujocoVersion);

    private static AntLeg Leg(string body, int number, (double X, double Y) direction, double[] ankleAxis, double[] ankleRange) =>
        new(body, $"aux_{number}", $"hip_{number}", $"ankle_{number}", direction, direction, ankleAxis, ankleRange);
}
