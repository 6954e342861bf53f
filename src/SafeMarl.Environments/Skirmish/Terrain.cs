namespace SafeMarl.Environments.Skirmish;

/// <summary>Cells of side 1 that are open or blocked, from (0, 0) in the south-west, and the walls around the blocked ones.</summary>
internal sealed class Terrain
{
    private readonly bool[] _open; // [y, x]

    /// <param name="width">Cells along x.</param>
    /// <param name="height">Cells along y.</param>
    /// <param name="open">Which cells are open, <c>[y, x]</c>.</param>
    public Terrain(int width, int height, bool[] open)
    {
        (Width, Height, _open) = (width, height, open);
        Walls = WallOutline.Trace(width, height, (x, y) => x >= 0 && y >= 0 && x < width && y < height && !open[y * width + x]);
    }

    public int Width { get; }

    public int Height { get; }

    public IReadOnlyList<Wall> Walls { get; }

    public int OpenCells => _open.Count(open => open);

    public bool IsOpenCell(int x, int y) => _open[y * Width + x];

    /// <summary>Whether a point lies in an open cell.</summary>
    public bool IsOpen(double x, double y)
    {
        int column = (int)Math.Floor(x), row = (int)Math.Floor(y);
        return (uint)column < (uint)Width && (uint)row < (uint)Height && _open[row * Width + column];
    }

    /// <summary>Whether the straight line between two points runs through open cells only.</summary>
    public bool IsOpenBetween(Vector2D from, Vector2D to)
    {
        int x = (int)Math.Floor(from.X), y = (int)Math.Floor(from.Y), lastX = (int)Math.Floor(to.X), lastY = (int)Math.Floor(to.Y);
        Vector2D way = to - from;
        int stepX = Math.Sign(way.X), stepY = Math.Sign(way.Y);
        // Shares of the way at which the line enters the next column and row.
        double shareX = stepX == 0 ? double.PositiveInfinity : ((stepX > 0 ? x + 1 : x) - from.X) / way.X, perColumn = stepX == 0 ? 0 : stepX / way.X;
        double shareY = stepY == 0 ? double.PositiveInfinity : ((stepY > 0 ? y + 1 : y) - from.Y) / way.Y, perRow = stepY == 0 ? 0 : stepY / way.Y;
        for (int cells = Math.Abs(lastX - x) + Math.Abs(lastY - y); ; cells--)
        {
            if (!IsOpen(x + 0.5, y + 0.5))
                return false;
            if (cells == 0)
                return true;
            if (shareX < shareY)
                (x, shareX) = (x + stepX, shareX + perColumn);
            else
                (y, shareY) = (y + stepY, shareY + perRow);
        }
    }
}
