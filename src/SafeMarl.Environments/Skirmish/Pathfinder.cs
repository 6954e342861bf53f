namespace SafeMarl.Environments.Skirmish;

/// <summary>Shortest ways around blocked terrain, from cell to cell, worked out once for all pairs of open cells.</summary>
internal sealed class Pathfinder
{
    public const int MaxOpenCells = 2_000;

    private const short None = -1;

    private readonly Terrain _terrain;
    private readonly short[] _indexOfCell; // [y, x]: number of an open cell, or none
    private readonly Vector2D[] _centres; // [open]
    private readonly short[] _next; // [goal, from]: the open cell to walk to, or none

    /// <param name="terrain">Terrain with at most <see cref="MaxOpenCells"/> open cells.</param>
    public Pathfinder(Terrain terrain)
    {
        _terrain = terrain;
        int[] cells = [.. Enumerable.Range(0, terrain.Width * terrain.Height).Where(c => terrain.IsOpenCell(c % terrain.Width, c / terrain.Width))];
        _indexOfCell = new short[terrain.Width * terrain.Height];
        Array.Fill(_indexOfCell, None);
        for (int i = 0; i < cells.Length; i++)
            _indexOfCell[cells[i]] = (short)i;
        _centres = [.. cells.Select(c => new Vector2D(c % terrain.Width + 0.5, c / terrain.Width + 0.5))];
        (short To, double Length)[][] steps = [.. cells.Select(StepsFrom)];
        _next = new short[cells.Length * cells.Length];
        for (int goal = 0; goal < cells.Length; goal++)
            FindWays(goal, steps, _next.AsSpan(goal * cells.Length, cells.Length));
    }

    /// <summary>Where to walk next on the way to a point: the point itself when nothing is between, or when there is no way.</summary>
    public Vector2D Waypoint(Vector2D from, Vector2D to)
    {
        short start = IndexAt(from), goal = IndexAt(to);
        if (start == None || goal == None || _terrain.IsOpenBetween(from, to))
            return to;
        short next = _next[goal * _centres.Length + start];
        return next == None ? to : _centres[next];
    }

    private short IndexAt(Vector2D point) => _terrain.IsOpen(point.X, point.Y) ? _indexOfCell[(int)point.Y * _terrain.Width + (int)point.X] : None;

    // Neighbouring open cells; diagonal ones only where no corner is cut.
    private (short To, double Length)[] StepsFrom(int cell)
    {
        int x = cell % _terrain.Width, y = cell / _terrain.Width;
        var steps = new List<(short To, double Length)>();
        for (int dy = -1; dy <= 1; dy++)
        {
            for (int dx = -1; dx <= 1; dx++)
            {
                if ((dx != 0 || dy != 0) && IsOpen(x + dx, y + dy) && IsOpen(x + dx, y) && IsOpen(x, y + dy))
                    steps.Add((_indexOfCell[(y + dy) * _terrain.Width + x + dx], Math.Sqrt(dx * dx + dy * dy)));
            }
        }
        return [.. steps];

        bool IsOpen(int column, int row) => _terrain.IsOpen(column + 0.5, row + 0.5);
    }

    // Dijkstra from the goal; each cell remembers from where it was reached.
    private static void FindWays(int goal, (short To, double Length)[][] steps, Span<short> next)
    {
        next.Fill(None);
        var distances = new double[next.Length];
        Array.Fill(distances, double.PositiveInfinity);
        distances[goal] = 0;
        var queue = new PriorityQueue<int, double>([(goal, 0)]);
        while (queue.TryDequeue(out int cell, out double distance))
        {
            if (distance > distances[cell])
                continue;
            foreach ((short to, double length) in steps[cell])
            {
                if (distance + length >= distances[to])
                    continue;
                distances[to] = distance + length;
                next[to] = (short)cell;
                queue.Enqueue(to, distances[to]);
            }
        }
    }
}
