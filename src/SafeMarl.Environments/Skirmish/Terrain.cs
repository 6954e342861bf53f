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

    public bool IsOpenCell(int x, int y) => _open[y * Width + x];

    /// <summary>Whether a point lies in an open cell.</summary>
    public bool IsOpen(double x, double y)
    {
        int column = (int)Math.Floor(x), row = (int)Math.Floor(y);
        return (uint)column < (uint)Width && (uint)row < (uint)Height && _open[row * Width + column];
    }
}
