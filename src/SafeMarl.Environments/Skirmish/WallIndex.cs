namespace SafeMarl.Environments.Skirmish;

/// <summary>The walls near each cell, so that a unit looks at few of them. Used by one battle: queries share a buffer.</summary>
internal sealed class WallIndex
{
    private readonly Wall[] _walls;
    private readonly int[][] _nearCell; // [y, x]: walls that may be in range of a point in the cell
    private readonly int[] _all, _found;
    private readonly double[] _distances;
    private readonly int _width, _height;

    /// <param name="terrain">The terrain.</param>
    /// <param name="range">The largest range that will be asked for.</param>
    public WallIndex(Terrain terrain, double range)
    {
        _walls = [.. terrain.Walls];
        (_width, _height) = (terrain.Width, terrain.Height);
        _all = [.. Enumerable.Range(0, _walls.Length)];
        _found = new int[_walls.Length];
        _distances = new double[_walls.Length];
        double reach = range + Math.Sqrt(0.5); // from a cell's centre to any of its points
        _nearCell = [.. Enumerable.Range(0, _width * _height).Select(cell =>
        {
            var centre = new Vector2D(cell % _width + 0.5, cell / _width + 0.5);
            return _all.Where(w => _walls[w].DistanceSquared(centre) < reach * reach).ToArray();
        })];
    }

    public ref readonly Wall this[int index] => ref _walls[index];

    /// <summary>Indices of the walls that face a point and are nearer than a range, nearest first; valid until the next query.</summary>
    public ReadOnlySpan<int> InRange(Vector2D point, double range)
    {
        int column = (int)Math.Floor(point.X), row = (int)Math.Floor(point.Y), count = 0;
        bool inside = (uint)column < (uint)_width && (uint)row < (uint)_height;
        foreach (int index in inside ? _nearCell[row * _width + column] : _all)
        {
            ref readonly Wall wall = ref _walls[index];
            if (!wall.Faces(point))
                continue;
            double distance = wall.DistanceSquared(point);
            if (distance >= range * range)
                continue;
            int at = count++;
            for (; at > 0 && _distances[at - 1] > distance; at--)
                (_found[at], _distances[at]) = (_found[at - 1], _distances[at - 1]);
            (_found[at], _distances[at]) = (index, distance);
        }
        return _found.AsSpan(0, count);
    }
}
