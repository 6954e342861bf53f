using System.Runtime.Intrinsics;

namespace SafeMarl.Environments.Skirmish;

/// <summary>
/// Velocities of all units for a tick, by optimal reciprocal collision avoidance. Units that want to stand do so and are not pushed;
/// one that moves takes all of the avoidance of those, and half of that of others that move.
/// </summary>
internal sealed class CollisionAvoidance
{
    private const double Horizon = 1; // s, for units and walls
    private static readonly int Lanes = Vector256<double>.Count;

    private readonly UnitStates _units;
    private readonly WallIndex _walls;
    private readonly double[][] _x, _y; // by plane; NaN for units that are dead or elsewhere
    private readonly double[] _newX, _newY;
    private readonly HalfPlane[] _planes, _scratch;
    private readonly double _timeStep;
    private int _count;

    public CollisionAvoidance(UnitStates units, Terrain terrain, double timeStep)
    {
        (_units, _timeStep) = (units, timeStep);
        _walls = new WallIndex(terrain, Enumerable.Range(0, units.Count).Max(i => Range(units, i)));
        int padded = (units.Count + Lanes - 1) / Lanes * Lanes;
        (_x, _y) = (Lanesful(), Lanesful());
        (_newX, _newY) = (new double[units.Count], new double[units.Count]);
        _planes = new HalfPlane[terrain.Walls.Count + units.Count];
        _scratch = new HalfPlane[_planes.Length];

        double[][] Lanesful() => [.. Enum.GetValues<UnitPlane>().Select(_ => Enumerable.Repeat(double.NaN, padded).ToArray())];
    }

    /// <summary>Turns preferred velocities into velocities, those of the last tick being what units expect of each other.</summary>
    public void Solve()
    {
        Locate();
        for (int unit = 0; unit < _units.Count; unit++)
        {
            if (!_units.IsAlive(unit))
                continue;
            Vector2D velocity = IsStanding(unit) ? default : Velocity(unit);
            (_newX[unit], _newY[unit]) = (velocity.X, velocity.Y);
        }
        _newX.CopyTo(_units.VelocityX, 0);
        _newY.CopyTo(_units.VelocityY, 0);
    }

    private static double Range(UnitStates units, int unit) => units.Radius[unit] + Horizon * units.Speed[unit];

    private bool IsStanding(int unit) => _units.PreferredX[unit] == 0 && _units.PreferredY[unit] == 0;

    private void Locate()
    {
        for (int unit = 0; unit < _units.Count; unit++)
        {
            int plane = _units.IsAir[unit] ? 1 : 0;
            bool alive = _units.IsAlive(unit);
            _x[plane][unit] = alive ? _units.X[unit] : double.NaN;
            _y[plane][unit] = alive ? _units.Y[unit] : double.NaN;
        }
    }

    private Vector2D Velocity(int unit)
    {
        _count = 0;
        if (!_units.IsAir[unit])
            AvoidWalls(unit);
        int walls = _count;
        AvoidUnits(unit);
        var preferred = new Vector2D(_units.PreferredX[unit], _units.PreferredY[unit]);
        return VelocityProgram.Solve(_planes.AsSpan(0, _count), walls, _units.Speed[unit], preferred, _scratch);
    }

    private void AvoidWalls(int unit)
    {
        Vector2D position = _units.Position(unit), velocity = _units.Velocity(unit);
        double radius = _units.Radius[unit];
        foreach (int index in _walls.InRange(position, Range(_units, unit)))
        {
            ref readonly Wall wall = ref _walls[index];
            if (!IsCovered(wall, position, radius) && WallAvoidance.TryAllow(wall, position, velocity, radius, Horizon, out HalfPlane plane))
                _planes[_count++] = plane;
        }
    }

    private bool IsCovered(in Wall wall, Vector2D position, double radius)
    {
        foreach (ref readonly HalfPlane plane in _planes.AsSpan(0, _count))
        {
            if (WallAvoidance.Covers(plane, wall, position, radius, Horizon))
                return true;
        }
        return false;
    }

    // Neighbours in order of their ids, four at a time.
    private void AvoidUnits(int unit)
    {
        int plane = _units.IsAir[unit] ? 1 : 0;
        ReadOnlySpan<double> x = _x[plane], y = _y[plane];
        double range = _units.LargestRadius + _units.Radius[unit];
        Vector256<double> ownX = Vector256.Create(_units.X[unit]), ownY = Vector256.Create(_units.Y[unit]), limit = Vector256.Create(range * range);
        for (int first = 0; first < x.Length; first += Lanes)
        {
            Vector256<double> dx = Vector256.Create(x.Slice(first, Lanes)) - ownX, dy = Vector256.Create(y.Slice(first, Lanes)) - ownY;
            for (uint near = Vector256.LessThanOrEqual(dx * dx + dy * dy, limit).ExtractMostSignificantBits(); near != 0; near &= near - 1)
            {
                int other = first + System.Numerics.BitOperations.TrailingZeroCount(near);
                if (other != unit)
                    _planes[_count++] = Avoid(unit, other);
            }
        }
    }

    private HalfPlane Avoid(int unit, int other) => UnitAvoidance.Allowed(
        _units.Velocity(unit), _units.Position(other) - _units.Position(unit), _units.Velocity(unit) - _units.Velocity(other),
        _units.Radius[unit] + _units.Radius[other], Horizon, _timeStep, IsStanding(other) ? 1 : 0.5, new Vector2D(unit < other ? -1 : 1, 0));
}
