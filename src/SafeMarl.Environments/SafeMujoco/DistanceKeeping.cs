namespace SafeMarl.Environments.SafeMujoco;

/// <summary>The signals that MAS3AC's cheetah tasks (appendix H.2-H.4) share: how far a cheetah is from its place behind the wall.</summary>
internal static class DistanceKeeping
{
    private const double Desired = 12, Farthest = 14, Weight = 0.1, BonusOfBand = 3;

    /// <summary>Weighted distance from the place 12 m behind the wall, the stability cost c.</summary>
    public static double Deviation(double distance) => Weight * Math.Abs(distance - Desired);

    /// <summary>The bonus for being in the band from <paramref name="nearest"/> to 14 m behind the wall.</summary>
    public static double Bonus(double distance, double nearest) => distance >= nearest && distance <= Farthest ? BonusOfBand : 0;
}
