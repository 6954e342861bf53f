using MathNet.Numerics.LinearAlgebra;

namespace SafeMarl.Environments.PowerMarket;

/// <summary>A line or transformer between two buses.</summary>
/// <param name="From">Index of the bus that positive flow leaves, from 0.</param>
/// <param name="To">Index of the bus that positive flow enters, from 0.</param>
/// <param name="Reactance">Series reactance, per unit, positive.</param>
/// <param name="Limit">Largest flow either way, MW, positive.</param>
/// <param name="Tap">Turns ratio of a transformer, positive; 1 for a line.</param>
public sealed record Branch(int From, int To, double Reactance, double Limit, double Tap = 1);

/// <summary>A generating unit with the cost <c>A P^2 + B P + C</c> in $/h of an output P in MW.</summary>
/// <param name="Bus">Index of its bus, from 0.</param>
/// <param name="MinOutput">Least output, MW.</param>
/// <param name="MaxOutput">Largest output, MW.</param>
/// <param name="Ramp">How far the output may move from one clearing to the next, MW.</param>
/// <param name="A">Quadratic cost, $/MW^2h.</param>
/// <param name="B">Linear cost, $/MWh.</param>
/// <param name="C">Fixed cost, $/h.</param>
public sealed record GeneratingUnit(int Bus, double MinOutput, double MaxOutput, double Ramp, double A, double B, double C = 0);

/// <summary>
/// A transmission grid in the lossless linear (DC) approximation: the flow of a branch is
/// <c>base / (x tap) (theta_from - theta_to)</c>, with the angle of bus 0 fixed at 0.
/// </summary>
public sealed class PowerGrid
{
    private readonly Matrix<double> _reactance; // [bus, bus]: angle (rad) per injected MW

    /// <summary>Describes a grid.</summary>
    /// <param name="baseLoads">Usual load of each bus, MW.</param>
    /// <param name="branches">The branches.</param>
    /// <param name="units">The generating units.</param>
    /// <param name="basePower">MVA that per-unit reactances refer to.</param>
    /// <exception cref="ArgumentException">A reactance, tap or limit is not positive, an index is outside the grid, or a bus is not connected to bus 0.</exception>
    public PowerGrid(IReadOnlyList<double> baseLoads, IReadOnlyList<Branch> branches, IReadOnlyList<GeneratingUnit> units, double basePower = 100)
    {
        ArgumentNullException.ThrowIfNull(baseLoads);
        ArgumentNullException.ThrowIfNull(branches);
        ArgumentNullException.ThrowIfNull(units);
        (BaseLoads, Branches, Units) = ([.. baseLoads], [.. branches], [.. units]);
        Check(basePower);
        Matrix<double> susceptance = Matrix<double>.Build.Dense(BusCount, BusCount);
        foreach (Branch branch in Branches)
        {
            double b = basePower / (branch.Reactance * branch.Tap);
            susceptance[branch.From, branch.From] += b;
            susceptance[branch.To, branch.To] += b;
            susceptance[branch.From, branch.To] -= b;
            susceptance[branch.To, branch.From] -= b;
        }
        _reactance = Matrix<double>.Build.Dense(BusCount, BusCount);
        _reactance.SetSubMatrix(1, 1, susceptance.SubMatrix(1, BusCount - 1, 1, BusCount - 1).Inverse());
        TransferFactors = new double[Branches.Count, BusCount];
        for (int l = 0; l < Branches.Count; l++)
        {
            Branch branch = Branches[l];
            for (int bus = 0; bus < BusCount; bus++)
                TransferFactors[l, bus] = basePower / (branch.Reactance * branch.Tap) * (_reactance[branch.From, bus] - _reactance[branch.To, bus]);
        }
    }

    /// <summary>Number of buses.</summary>
    public int BusCount => BaseLoads.Count;

    /// <summary>Usual load of each bus, MW.</summary>
    public IReadOnlyList<double> BaseLoads { get; }

    /// <summary>The branches.</summary>
    public IReadOnlyList<Branch> Branches { get; }

    /// <summary>The generating units.</summary>
    public IReadOnlyList<GeneratingUnit> Units { get; }

    /// <summary>Flow of a branch per MW that is injected at a bus and taken out at bus 0 (PTDF): <c>[branch, bus]</c>.</summary>
    internal double[,] TransferFactors { get; }

    /// <summary>Voltage angles of injections, rad.</summary>
    /// <param name="injections">Generation less load of each bus, MW; they sum to 0.</param>
    public double[] Angles(IReadOnlyList<double> injections)
    {
        ArgumentNullException.ThrowIfNull(injections);
        return [.. _reactance * Vector<double>.Build.DenseOfEnumerable(injections)];
    }

    private void Check(double basePower)
    {
        Require(BusCount >= 2, $"A grid needs at least two buses; got {BusCount}.");
        Require(basePower > 0 && double.IsFinite(basePower), $"The base power is {basePower} MVA; it must be positive.");
        Require(BaseLoads.All(load => load >= 0 && double.IsFinite(load)), $"The loads are {string.Join(", ", BaseLoads)} MW; they must be finite and at least 0.");
        for (int l = 0; l < Branches.Count; l++)
        {
            Branch branch = Branches[l];
            string name = $"Branch {l} ({branch.From}-{branch.To})";
            Require(IsBus(branch.From) && IsBus(branch.To) && branch.From != branch.To, $"{name} must join two of the buses 0..{BusCount - 1}.");
            Require(branch.Reactance > 0 && double.IsFinite(branch.Reactance), $"{name} has the reactance {branch.Reactance}; it must be positive.");
            Require(branch.Tap > 0 && double.IsFinite(branch.Tap), $"{name} has the tap {branch.Tap}; it must be positive.");
            Require(branch.Limit > 0, $"{name} has the limit {branch.Limit} MW; it must be positive.");
        }
        for (int g = 0; g < Units.Count; g++)
        {
            GeneratingUnit unit = Units[g];
            Require(IsBus(unit.Bus), $"Unit {g} is at bus {unit.Bus}; the buses are 0..{BusCount - 1}.");
            Require(unit.MinOutput >= 0 && unit.MinOutput <= unit.MaxOutput && double.IsFinite(unit.MaxOutput), $"Unit {g} has outputs from {unit.MinOutput} to {unit.MaxOutput} MW; 0 <= least <= largest is needed.");
            Require(double.IsFinite(unit.A + unit.B + unit.C), $"Unit {g} has costs that are not finite.");
            Require(unit.Ramp >= 0, $"Unit {g} has the ramp {unit.Ramp} MW; it must be at least 0.");
        }
        Require(Unconnected() is not { } bus, $"Bus {Unconnected()} is isolated: no path of branches leads to bus 0.");
    }

    private int? Unconnected()
    {
        var reached = new HashSet<int> { 0 };
        for (int before = 0; before != reached.Count;)
        {
            before = reached.Count;
            foreach (Branch branch in Branches.Where(b => reached.Contains(b.From) || reached.Contains(b.To)))
                reached.UnionWith([branch.From, branch.To]);
        }
        return Enumerable.Range(0, BusCount).Where(b => !reached.Contains(b)).Select(b => (int?)b).FirstOrDefault();
    }

    private bool IsBus(int bus) => bus >= 0 && bus < BusCount;

    private static void Require(bool condition, string message)
    {
        if (!condition)
            throw new ArgumentException(message);
    }
}
