namespace SafeMarl.Environments.PowerMarket;

/// <summary>
/// Cheapest outputs of units with constant bids, within their bounds and the branches' limits: DC optimal power flow by a dense dual simplex
/// with bounds, on flows written as transfer factors times injections. Nothing is allocated per solution.
/// </summary>
/// <remarks>
/// The dictionary holds one unit and all flows as functions of the other units. It begins with the merit order, which is dual feasible: units
/// cheaper than the marginal one at their upper bounds, dearer ones at their lower bounds. While something is outside its bounds, the
/// variable that is farthest outside leaves to its bound, and the one with the smallest dual ratio enters; ties take the larger pivot, then
/// the lower index, so that results are reproducible. No candidate: no outputs meet the limits.
/// </remarks>
internal sealed class DispatchSolver
{
    private const int MaxPivots = 1000;
    private const double Tolerance = 1e-9, PivotTolerance = 1e-11, TieTolerance = 1e-13;

    private readonly PowerGrid _grid;
    private readonly int[] _bus, _order, _basic, _nonbasic;
    private readonly bool[] _atUpper;
    private readonly double[] _lower, _upper, _bids, _value, _reduced;
    private readonly double[] _dictionary; // [rows, columns]: derivative of a basic variable by a nonbasic one
    private readonly int _units, _rows, _columns;

    /// <param name="grid">The grid.</param>
    /// <param name="bus">Bus of each unit; at least one.</param>
    public DispatchSolver(PowerGrid grid, int[] bus)
    {
        (_grid, _bus, _units) = (grid, bus, bus.Length);
        (_rows, _columns) = (grid.Branches.Count + 1, _units - 1);
        _order = new int[_units];
        _bids = new double[_units];
        // Variables: units, then flows.
        _lower = new double[_units + grid.Branches.Count];
        _upper = new double[_lower.Length];
        _value = new double[_lower.Length];
        _basic = new int[_rows];
        _nonbasic = new int[_columns];
        _atUpper = new bool[_columns];
        _reduced = new double[_columns];
        _dictionary = new double[_rows * _columns];
        for (int l = 0; l < grid.Branches.Count; l++)
            (_lower[_units + l], _upper[_units + l]) = (-grid.Branches[l].Limit, grid.Branches[l].Limit);
    }

    /// <summary>Output of each unit, MW.</summary>
    public ReadOnlySpan<double> Outputs => _value.AsSpan(0, _units);

    /// <summary>Flow of each branch, MW.</summary>
    public ReadOnlySpan<double> Flows => _value.AsSpan(_units);

    /// <summary>Solves a dispatch.</summary>
    /// <param name="loads">Load of each bus, MW.</param>
    /// <param name="bids">Bid of each unit, $/MWh.</param>
    /// <param name="lower">Least output of each unit, MW.</param>
    /// <param name="upper">Largest output of each unit, MW.</param>
    /// <returns>Whether outputs exist that meet all limits.</returns>
    public bool Solve(ReadOnlySpan<double> loads, ReadOnlySpan<double> bids, ReadOnlySpan<double> lower, ReadOnlySpan<double> upper)
    {
        bids.CopyTo(_bids);
        lower.CopyTo(_lower);
        upper.CopyTo(_upper);
        int marginal = FillMeritOrder(SpanSum.Of(loads));
        if (marginal < 0)
            return false;
        BuildDictionary(loads, marginal);
        for (int pivot = 0; pivot < MaxPivots; pivot++)
        {
            (int row, double direction) = Leaving();
            if (row < 0)
                return true;
            int column = Entering(row, direction);
            if (column < 0)
                return false;
            Pivot(row, column, direction);
        }
        throw new EnvironmentException($"The dispatch did not settle in {MaxPivots} pivots.");
    }

    /// <summary>Price at each bus: cost of one more MW of load there, $/MWh.</summary>
    public void Prices(Span<double> prices)
    {
        // A basic unit is paid its bid: bid = lambda + sum over binding branches of mu H[branch, its bus].
        int unit = _basic[_basic.AsSpan().IndexOfAnyInRange(0, _units - 1)];
        double lambda = _bids[unit] - Congestion(_bus[unit]);
        for (int bus = 0; bus < prices.Length; bus++)
            prices[bus] = lambda + Congestion(bus);
    }

    /// <summary>Shadow price of each branch's limit, $/MWh: at most 0 at the upper limit, at least 0 at the lower one.</summary>
    public void BranchPrices(Span<double> prices)
    {
        prices.Clear();
        for (int j = 0; j < _columns; j++)
        {
            if (_nonbasic[j] >= _units)
                prices[_nonbasic[j] - _units] = _reduced[j];
        }
    }

    private double Congestion(int bus)
    {
        double sum = 0;
        for (int j = 0; j < _columns; j++)
        {
            if (_nonbasic[j] >= _units)
                sum += _reduced[j] * _grid.TransferFactors[_nonbasic[j] - _units, bus];
        }
        return sum;
    }

    /// <summary>Loads units by their bids until the demand is met; the last one is the marginal unit, or -1 when the bounds do not allow it.</summary>
    private int FillMeritOrder(double demand)
    {
        for (int i = 0; i < _units; i++)
        {
            int at = i;
            for (; at > 0 && _bids[_order[at - 1]] > _bids[i]; at--)
                _order[at] = _order[at - 1];
            _order[at] = i;
        }
        double missing = demand - SpanSum.Of(_lower.AsSpan(0, _units));
        if (missing < -Tolerance)
            return -1;
        _lower.AsSpan(0, _units).CopyTo(_value);
        foreach (int unit in _order)
        {
            double room = _upper[unit] - _lower[unit];
            if (room >= missing)
            {
                _value[unit] += missing;
                return unit;
            }
            _value[unit] = _upper[unit];
            missing -= room;
        }
        return missing > Tolerance ? -1 : _order[^1];
    }

    private void BuildDictionary(ReadOnlySpan<double> loads, int marginal)
    {
        int column = 0;
        bool cheaper = true;
        foreach (int unit in _order)
        {
            if (unit == marginal)
            {
                cheaper = false;
                continue;
            }
            _nonbasic[column] = unit;
            _atUpper[column] = cheaper;
            _reduced[column++] = _bids[unit] - _bids[marginal];
        }
        _basic[0] = marginal;
        _dictionary.AsSpan(0, _columns).Fill(-1); // what one unit gives more, the marginal one gives less
        for (int l = 0; l < _rows - 1; l++)
        {
            double flow = 0, own = _grid.TransferFactors[l, _bus[marginal]];
            for (int bus = 0; bus < loads.Length; bus++)
                flow -= _grid.TransferFactors[l, bus] * loads[bus];
            for (int unit = 0; unit < _units; unit++)
                flow += _grid.TransferFactors[l, _bus[unit]] * _value[unit];
            _basic[1 + l] = _units + l;
            _value[_units + l] = flow;
            for (int j = 0; j < _columns; j++)
                _dictionary[(1 + l) * _columns + j] = _grid.TransferFactors[l, _bus[_nonbasic[j]]] - own;
        }
    }

    /// <summary>The basic variable farthest outside its bounds, and which way it must go; row -1 when none is.</summary>
    private (int Row, double Direction) Leaving()
    {
        (int row, double direction, double worst) = (-1, 0, Tolerance);
        for (int i = 0; i < _rows; i++)
        {
            int variable = _basic[i];
            if (_lower[variable] - _value[variable] > worst)
                (row, direction, worst) = (i, 1, _lower[variable] - _value[variable]);
            if (_value[variable] - _upper[variable] > worst)
                (row, direction, worst) = (i, -1, _value[variable] - _upper[variable]);
        }
        return (row, direction);
    }

    /// <summary>The nonbasic variable that may move the right way and whose reduced cost reaches zero first; -1 when there is none.</summary>
    private int Entering(int row, double direction)
    {
        int entering = -1;
        double smallest = double.MaxValue;
        ReadOnlySpan<double> slopes = Row(row);
        for (int j = 0; j < _columns; j++)
        {
            double slope = slopes[j] * direction;
            if (Math.Abs(slope) < PivotTolerance || slope > 0 == _atUpper[j])
                continue;
            double ratio = Math.Abs(_reduced[j] / slopes[j]);
            bool tie = entering >= 0 && ratio < smallest + TieTolerance && Math.Abs(slopes[j]) > Math.Abs(slopes[entering]);
            if (ratio < smallest - TieTolerance || tie)
                (entering, smallest) = (j, ratio);
        }
        return entering;
    }

    /// <summary>Moves the leaving variable to its bound and exchanges it with the entering one.</summary>
    private void Pivot(int row, int column, double direction)
    {
        int leaving = _basic[row], entering = _nonbasic[column];
        Span<double> pivotRow = Row(row);
        double pivot = pivotRow[column], bound = direction > 0 ? _lower[leaving] : _upper[leaving], move = (bound - _value[leaving]) / pivot;
        for (int i = 0; i < _rows; i++)
            _value[_basic[i]] += Row(i)[column] * move;
        _value[entering] += move;
        _value[leaving] = bound;

        for (int j = 0; j < _columns; j++)
            pivotRow[j] = j == column ? 1 / pivot : -pivotRow[j] / pivot;
        for (int i = 0; i < _rows; i++)
        {
            if (i != row)
                Substitute(Row(i), pivotRow, column);
        }
        Substitute(_reduced, pivotRow, column);
        (_basic[row], _nonbasic[column], _atUpper[column]) = (entering, leaving, direction < 0);
    }

    private static void Substitute(Span<double> target, ReadOnlySpan<double> pivotRow, int column)
    {
        double factor = target[column];
        for (int j = 0; j < target.Length; j++)
            target[j] = (j == column ? 0 : target[j]) + factor * pivotRow[j];
    }

    private Span<double> Row(int row) => _dictionary.AsSpan(row * _columns, _columns);
}
