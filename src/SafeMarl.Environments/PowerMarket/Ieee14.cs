namespace SafeMarl.Environments.PowerMarket;

/// <summary>Which limits the branches of the IEEE 14-bus grid have; the original data has none.</summary>
public enum BranchLimits
{
    /// <summary>Limits that bind often, so that prices differ between buses.</summary>
    Tight,

    /// <summary>Those of PGLib-OPF, which never bind at loads near the base case.</summary>
    Pglib,
}

/// <summary>The IEEE 14-bus grid as MATPOWER's case14 has it, with five generating units.</summary>
public static class Ieee14
{
    private static readonly double[] Loads = [0, 21.7, 94.2, 47.8, 7.6, 11.2, 0, 0, 29.5, 9, 3.5, 6.1, 13.5, 14.9];

    private static readonly (int From, int To, double Reactance, double Tap, double Pglib, double Tight)[] Branches =
    [
        (1, 2, .05917, 1, 472, 120), (1, 5, .22304, 1, 128, 65), (2, 3, .19797, 1, 145, 36), (2, 4, .17632, 1, 158, 65), (2, 5, .17388, 1, 161, 50),
        (3, 4, .17103, 1, 160, 63), (4, 5, .04211, 1, 664, 45), (4, 7, .20912, .978, 141, 55), (4, 9, .55618, .969, 53, 32), (5, 6, .25202, .932, 117, 45),
        (6, 11, .1989, 1, 134, 18), (6, 12, .25581, 1, 104, 32), (6, 13, .13027, 1, 201, 32), (7, 8, .17615, 1, 167, 32), (7, 9, .11001, 1, 267, 32),
        (9, 10, .0845, 1, 325, 32), (9, 14, .27038, 1, 99, 32), (10, 11, .19207, 1, 141, 12), (12, 13, .19988, 1, 99, 12), (13, 14, .34802, 1, 76, 12),
    ];

    private static readonly (int Bus, double MaxOutput, double Ramp, double A, double B)[] Units =
    [
        (1, 332.4, 83.1, .0430292599, 20), (2, 140, 35, .25, 20), (3, 100, 25, .01, 40), (6, 100, 25, .01, 40), (8, 100, 25, .01, 40),
    ];

    /// <summary>The grid. Buses are numbered from 0, one less than in the literature; a unit's ramp is a quarter of its largest output.</summary>
    public static PowerGrid Grid(BranchLimits limits = BranchLimits.Tight) => new(
        Loads,
        [.. Branches.Select(b => new Branch(b.From - 1, b.To - 1, b.Reactance, limits == BranchLimits.Tight ? b.Tight : b.Pglib, b.Tap))],
        [.. Units.Select(u => new GeneratingUnit(u.Bus - 1, 0, u.MaxOutput, u.Ramp, u.A, u.B))]);
}
