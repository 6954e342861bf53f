namespace SafeMarl.Environments.Skirmish;

/// <summary>A unit where a battle begins.</summary>
internal readonly record struct PlacedUnit(UnitType Type, Side Side, double X, double Y);

/// <summary>Units of one side that start together.</summary>
/// <param name="Side">Whose they are.</param>
/// <param name="Centre">The middle of the group.</param>
/// <param name="Units">Kinds and numbers, in the order in which they are lined up.</param>
internal sealed record UnitGroup(Side Side, Vector2D Centre, IReadOnlyList<(UnitType Type, int Count)> Units);

/// <summary>The grid in which a group starts: rows of ceil(sqrt(count)) units with small gaps, mirrored for the enemies.</summary>
internal static class StartGrid
{
    private const double Gap = 0.05;

    /// <summary>The group's units in order of their ids.</summary>
    public static IReadOnlyList<PlacedUnit> Place(UnitGroup group)
    {
        UnitType[] types = [.. group.Units.SelectMany(u => Enumerable.Repeat(u.Type, u.Count))];
        int columns = (int)Math.Ceiling(Math.Sqrt(types.Length));
        UnitType[][] rows = [.. types.Chunk(columns)];
        double[] halfHeights = [.. rows.Select(row => row.Max(t => t.Radius))];
        double width = rows.Max(row => 2 * row.Sum(t => t.Radius)), height = 2 * halfHeights.Sum() + (columns - 1) * Gap;
        int sign = group.Side == Side.Ally ? 1 : -1;

        var placed = new List<PlacedUnit>();
        double y = group.Centre.Y - sign * height / 2;
        for (int r = 0; r < rows.Length; r++)
        {
            y += sign * ((r > 0 ? halfHeights[r - 1] : 0) + halfHeights[r]);
            double x = group.Centre.X - sign * width / 2, previous = 0;
            foreach (UnitType type in rows[r])
            {
                x += sign * (previous + type.Radius);
                placed.Add(new PlacedUnit(type, group.Side, x, y));
                x += sign * Gap;
                previous = type.Radius;
            }
            y += sign * Gap;
        }
        return placed;
    }
}
