namespace SafeMarl.Environments.PowerMarket;

/// <summary>
/// Clears a market: the cheapest outputs for given bids and loads within ramps and branch limits, and the price at every bus. Where no
/// outputs meet the limits, load is shed at 500 $/MWh or power spilled at -100 $/MWh, bus by bus. Nothing is allocated per clearing; one
/// instance is used by one thread at a time.
/// </summary>
public sealed class MarketClearing
{
    /// <summary>Price of load that is not served, the highest price there can be, $/MWh.</summary>
    public const double SheddingPrice = 500;

    /// <summary>Price of power that nobody takes, the lowest price there can be, $/MWh.</summary>
    public const double SpillingPrice = -100;

    private readonly PowerGrid _grid;
    private readonly DispatchSolver _solver, _soft;
    private readonly double[] _prices, _outputs, _lower, _upper, _softBids, _softLower, _softUpper;

    /// <summary>Prepares clearings of a grid.</summary>
    /// <exception cref="ArgumentException">The grid has no units.</exception>
    public MarketClearing(PowerGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        if (grid.Units.Count == 0)
            throw new ArgumentException("A market needs at least one unit.", nameof(grid));
        _grid = grid;
        int units = grid.Units.Count;
        int[] bus = [.. grid.Units.Select(u => u.Bus)];
        _solver = new DispatchSolver(grid, bus);
        // The units, then spilling at each unit's bus, then shedding at every bus.
        _soft = new DispatchSolver(grid, [.. bus, .. bus, .. Enumerable.Range(0, grid.BusCount)]);
        _prices = new double[grid.BusCount];
        _outputs = new double[units];
        (_lower, _upper) = (new double[units], new double[units]);
        _softBids = [.. new double[units], .. Enumerable.Repeat(SpillingPrice, units), .. Enumerable.Repeat(SheddingPrice, grid.BusCount)];
        _softLower = [.. new double[units], .. grid.Units.Select(u => -u.MaxOutput), .. new double[grid.BusCount]];
        _softUpper = new double[_softBids.Length];
    }

    /// <summary>Output of each unit, MW.</summary>
    public ReadOnlySpan<double> Outputs => _outputs;

    /// <summary>Price at each bus, $/MWh.</summary>
    public ReadOnlySpan<double> Prices => _prices;

    /// <summary>Flow of each branch, MW.</summary>
    public ReadOnlySpan<double> Flows => (WasSoft ? _soft : _solver).Flows;

    /// <summary>Whether the last clearing had to shed load or spill power.</summary>
    public bool WasSoft { get; private set; }

    /// <summary>Load that the last clearing did not serve, MW.</summary>
    public double Shed => WasSoft ? SpanSum.Of(_soft.Outputs[(2 * _lower.Length)..]) : 0;

    /// <summary>Power that the last clearing had no use for, MW.</summary>
    public double Spilled => WasSoft ? -SpanSum.Of(_soft.Outputs.Slice(_lower.Length, _lower.Length)) : 0;

    /// <summary>Clears the market.</summary>
    /// <param name="loads">Load of each bus, MW, at least 0.</param>
    /// <param name="bids">Bid of each unit, $/MWh, between <see cref="SpillingPrice"/> and <see cref="SheddingPrice"/>.</param>
    /// <param name="previous">Output of each unit before, MW, which its ramp is counted from.</param>
    /// <exception cref="ArgumentException">A number is not finite or outside its range; the message names it.</exception>
    public void Clear(ReadOnlySpan<double> loads, ReadOnlySpan<double> bids, ReadOnlySpan<double> previous)
    {
        Check(loads, _grid.BusCount, "load of bus", 0, double.MaxValue, nameof(loads));
        Check(bids, _grid.Units.Count, "bid of unit", SpillingPrice, SheddingPrice, nameof(bids));
        Check(previous, _grid.Units.Count, "previous output of unit", 0, double.MaxValue, nameof(previous));
        for (int g = 0; g < _lower.Length; g++)
        {
            GeneratingUnit unit = _grid.Units[g];
            _lower[g] = Math.Clamp(previous[g] - unit.Ramp, unit.MinOutput, unit.MaxOutput);
            _upper[g] = Math.Clamp(previous[g] + unit.Ramp, unit.MinOutput, unit.MaxOutput);
        }
        WasSoft = !_solver.Solve(loads, bids, _lower, _upper);
        if (WasSoft)
            ClearSoftly(loads, bids);
        DispatchSolver solver = WasSoft ? _soft : _solver;
        for (int g = 0; g < _outputs.Length; g++)
            _outputs[g] = Math.Clamp(solver.Outputs[g], _lower[g], _upper[g]); // the solver keeps bounds up to rounding
        solver.Prices(_prices);
        foreach (ref double price in _prices.AsSpan())
            price = Math.Clamp(price, SpillingPrice, SheddingPrice);
    }

    private void ClearSoftly(ReadOnlySpan<double> loads, ReadOnlySpan<double> bids)
    {
        bids.CopyTo(_softBids);
        _lower.CopyTo(_softLower, 0);
        _upper.CopyTo(_softUpper, 0);
        loads.CopyTo(_softUpper.AsSpan(2 * bids.Length));
        if (!_soft.Solve(loads, _softBids, _softLower, _softUpper))
            throw new EnvironmentException("The market cannot be cleared even with shedding and spilling.");
    }

    private static void Check(ReadOnlySpan<double> values, int count, string what, double low, double high, string parameter)
    {
        if (values.Length != count)
            throw new ArgumentException($"{count} numbers are needed; got {values.Length}.", parameter);
        for (int i = 0; i < count; i++)
        {
            if (!(values[i] >= low && values[i] <= high && double.IsFinite(values[i])))
                throw new ArgumentException($"The {what} {i} is {values[i]}; it must be finite and from {low} to {(high == double.MaxValue ? "any size" : high)}.", parameter);
        }
    }
}
