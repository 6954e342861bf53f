namespace SafeMarl.Environments.Skirmish;

/// <summary>The outline of blocked cells as straight walls, blocked side on the left.</summary>
internal static class WallOutline
{
    private static readonly (int X, int Y)[] Compass = [(1, 0), (0, 1), (-1, 0), (0, -1)]; // each a left turn of the one before

    /// <summary>Traces every closed outline. Cells that touch at a corner only are outlined one by one.</summary>
    public static Wall[] Trace(int width, int height, Func<int, int, bool> isBlocked)
    {
        List<CellSide> sides = ExposedSides(width, height, isBlocked);
        HashSet<CellSide> all = [.. sides], untraced = [.. sides];
        var walls = new List<Wall>();
        foreach (CellSide first in sides)
        {
            var outline = new List<CellSide>();
            for (CellSide side = first; untraced.Remove(side); side = Next(side, all.Contains))
                outline.Add(side);
            walls.AddRange(Straightened(outline));
        }
        return [.. walls];
    }

    // Sides of blocked cells that face open ones, of length 1 each.
    private static List<CellSide> ExposedSides(int width, int height, Func<int, int, bool> isBlocked)
    {
        var sides = new List<CellSide>();
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                if (!isBlocked(x, y))
                    continue;
                if (!isBlocked(x, y - 1))
                    sides.Add(new CellSide(x, y, 0));
                if (!isBlocked(x + 1, y))
                    sides.Add(new CellSide(x + 1, y, 1));
                if (!isBlocked(x, y + 1))
                    sides.Add(new CellSide(x + 1, y + 1, 2));
                if (!isBlocked(x - 1, y))
                    sides.Add(new CellSide(x, y + 1, 3));
            }
        }
        return sides;
    }

    // A left turn stays with the same cell.
    private static CellSide Next(CellSide side, Func<CellSide, bool> exists)
    {
        (int x, int y) = (side.X + Compass[side.Direction].X, side.Y + Compass[side.Direction].Y);
        CellSide left = new(x, y, (side.Direction + 1) % 4), straight = new(x, y, side.Direction), right = new(x, y, (side.Direction + 3) % 4);
        return exists(left) ? left : exists(straight) ? straight : right;
    }

    private static IEnumerable<Wall> Straightened(List<CellSide> outline)
    {
        CellSide[] corners = [.. outline.Where((side, i) => side.Direction != outline[(i + outline.Count - 1) % outline.Count].Direction)];
        for (int i = 0; i < corners.Length; i++)
        {
            CellSide corner = corners[i], after = corners[(i + 1) % corners.Length], before = corners[(i + corners.Length - 1) % corners.Length];
            yield return new Wall(corner.Start, after.Start, corner.Unit, before.Unit, after.Unit);
        }
    }

    private readonly record struct CellSide(int X, int Y, int Direction)
    {
        public Vector2D Start => new(X, Y);

        public Vector2D Unit => new(Compass[Direction].X, Compass[Direction].Y);
    }
}
