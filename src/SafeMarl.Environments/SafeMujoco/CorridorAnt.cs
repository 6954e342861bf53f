using SafeMarl.Environments.Mujoco;

namespace SafeMarl.Environments.SafeMujoco;

/// <summary>An ant in a corridor as the published tasks see it: where its torso is, whether it has fallen, what running earns, and the state.</summary>
/// <param name="simulation">The simulation, whose model has the features of <see cref="Declare"/> before any others.</param>
/// <param name="halfWidth">Distance of the walls from the centre line along y, metres.</param>
internal sealed class CorridorAnt(MujocoSimulation simulation, double halfWidth)
{
    /// <summary>Numbers of the state that are a place in the corridor: x / 5, and y from the centre line.</summary>
    public const int PlaceSize = 2;

    /// <summary>Weight of the squared actions in rewards.</summary>
    public const double ControlCost = 0.5;

    /// <summary>Features that <see cref="Declare"/> takes.</summary>
    public const int FeatureCount = 8;

    private const int TorsoX = 0, TorsoY = 1, QuaternionX = 4, QuaternionY = 5, Contacts = 7; // in the simulation's features
    private const int BodyPositions = 5, BodyVelocities = 6; // in the state: height and orientation; linear and angular velocity
    private const double ContactCost = 0.0005, SurvivalBonus = 1, SafeDistance = 1.8, LowestTorso = 0.2, HighestTorso = 1, Upside = -0.7;

    /// <summary>x of the torso, as stale as MuJoCo leaves it after a step.</summary>
    public double X => simulation.Features[TorsoX];

    /// <summary>Whether the torso is within 1.8 m of a wall along y.</summary>
    public bool IsNearWall => Corridor.DistanceToWall(X, simulation.Features[TorsoY], halfWidth) < SafeDistance;

    /// <summary>Whether the torso has left the heights from 0.2 to 1 m, or lies on its back.</summary>
    public bool HasFallen
    {
        get
        {
            double height = simulation.Positions[2], x = simulation.Features[QuaternionX], y = simulation.Features[QuaternionY];
            return height is < LowestTorso or > HighestTorso || 1 - 2 * (x * x + y * y) < Upside;
        }
    }

    /// <summary>Declares the features, before those of the task.</summary>
    /// <param name="model">The model.</param>
    /// <param name="torso">Name of the body that leads the robot.</param>
    public static void Declare(MujocoModel model, string torso)
    {
        int body = model.Find("body", torso);
        model.Declare(MujocoFeature.BodyPosition, body);
        model.Declare(MujocoFeature.BodyOrientation, body);
        model.Declare(MujocoFeature.ContactForceSum);
    }

    /// <summary>What a step of running earns.</summary>
    /// <param name="speed">Speed along x, metres a second.</param>
    /// <param name="squares">Sum of the squared actions.</param>
    public double RewardOfRunning(double speed, double squares) => speed - ControlCost * squares - ContactCost * simulation.Features[Contacts] + SurvivalBonus;

    /// <summary>Writes height, orientation and joints; velocities; and the place in the corridor.</summary>
    /// <param name="positions">Positions of the robot in the state; x and y are not among them.</param>
    /// <param name="velocities">Velocities of the robot in the state.</param>
    /// <param name="state">Receives them, <c>[positions + velocities + 2]</c>.</param>
    public void WriteState(int positions, int velocities, Span<double> state)
    {
        simulation.Positions.Slice(2, positions).CopyTo(state);
        simulation.Velocities[..velocities].CopyTo(state[positions..]);
        (double x, double y) = (simulation.Positions[0], simulation.Positions[1]);
        Span<double> place = state[^PlaceSize..];
        (place[0], place[1]) = (x / 5, y - Corridor.CenterLine(x));
    }

    /// <summary>Where the state of <see cref="WriteState"/> has the robot's body and some of its joints, as far as they are in it.</summary>
    /// <param name="positions">Positions of the robot in the state.</param>
    /// <param name="velocities">Velocities of the robot in the state.</param>
    /// <param name="joints">The joints, in the order of positions.</param>
    public static int[] OwnInState(int positions, int velocities, IReadOnlyList<int> joints) =>
    [
        .. Enumerable.Range(0, Math.Min(BodyPositions, positions)), .. joints.Select(j => BodyPositions + j).Where(i => i < positions),
        .. Enumerable.Range(positions, Math.Min(BodyVelocities, velocities)), .. joints.Select(j => BodyVelocities + j).Where(i => i < velocities).Select(i => positions + i),
        .. Enumerable.Range(positions + velocities, PlaceSize),
    ];
}
