using System.Text.Json;
using SafeMarl.Environments.PowerMarket;

namespace SafeMarl.Environments.Tests.PowerMarket;

public sealed class DispatchSolverTests
{
    private static IEnumerable<TestCaseData> Files() => GoldenFiles.Cases("power-market", "dcopf");

    [TestCaseSource(nameof(Files))]
    [Category("Golden")]
    public void Solve_OfTheReferenceCases_GivesTheirOutputsPricesAndFlows(string path)
    {
        JsonElement golden = GoldenFiles.Read(path);
        Assert.Multiple(() =>
        {
            foreach (JsonElement reference in golden.GetProperty("cases").EnumerateArray())
            {
                PowerGrid grid = Ieee14.Grid(reference.GetProperty("limits").GetString() == "tight" ? BranchLimits.Tight : BranchLimits.Pglib);
                string where = $"case {reference.GetProperty("id").GetInt32()}";
                double[] loads = reference.Numbers("load"), previous = reference.Numbers("prev"), prices = new double[grid.BusCount], branchPrices = new double[grid.Branches.Count];
                var solver = new DispatchSolver(grid, [.. grid.Units.Select(u => u.Bus)]);

                Assert.That(solver.Solve(loads, reference.Numbers("bid"), Lower(grid, previous), Upper(grid, previous)), Is.True, where);
                solver.Prices(prices);
                solver.BranchPrices(branchPrices);
                double[] injections = [.. loads.Select(l => -l)];
                for (int g = 0; g < grid.Units.Count; g++)
                    injections[grid.Units[g].Bus] += solver.Outputs[g];
                Numeric.AssertClose(solver.Outputs.ToArray(), reference.Numbers("p_out"), 1e-9, $"{where}: outputs");
                Numeric.AssertClose(prices, reference.Numbers("lmp_bus"), 1e-9, $"{where}: prices");
                Numeric.AssertClose(solver.Flows.ToArray(), reference.Numbers("flow"), 1e-9, $"{where}: flows");
                Numeric.AssertClose(branchPrices, reference.Numbers("line_dual"), 1e-9, $"{where}: prices of limits");
                Numeric.AssertClose(grid.Angles(injections), reference.Numbers("theta"), 1e-9, $"{where}: angles");
                Numeric.AssertClose(reference.Numbers("bid").Zip(solver.Outputs.ToArray(), (b, p) => b * p).Sum(), reference.Number("objective"), 1e-9, $"{where}: cost");
            }
        });
    }

    [Test]
    public void Grid_HasTheNumbersOfTheReference()
    {
        JsonElement golden = GoldenFiles.Read(Path.Combine(AppContext.BaseDirectory, "Fixtures", "power-market", "dcopf.json"));
        PowerGrid tight = Ieee14.Grid(), pglib = Ieee14.Grid(BranchLimits.Pglib);

        Assert.Multiple(() =>
        {
            Assert.That(tight.BaseLoads, Is.EqualTo(golden.Numbers("base_load")));
            Assert.That(tight.Branches.Select(b => (double)b.From + 1), Is.EqualTo(golden.Numbers("branch_from")));
            Assert.That(tight.Branches.Select(b => (double)b.To + 1), Is.EqualTo(golden.Numbers("branch_to")));
            Assert.That(tight.Branches.Select(b => b.Reactance), Is.EqualTo(golden.Numbers("branch_x")));
            Assert.That(tight.Branches.Select(b => b.Tap), Is.EqualTo(golden.Numbers("branch_tap")));
            Assert.That(tight.Branches.Select(b => b.Limit), Is.EqualTo(golden.Numbers("limits_tight")));
            Assert.That(pglib.Branches.Select(b => b.Limit), Is.EqualTo(golden.Numbers("limits_pglib")));
            Assert.That(tight.Units.Select(u => (double)u.Bus + 1), Is.EqualTo(golden.Numbers("gen_bus")));
            Assert.That(tight.Units.Select(u => u.MaxOutput), Is.EqualTo(golden.Numbers("pmax")));
            Assert.That(tight.Units.Select(u => u.Ramp), Is.EqualTo(golden.Numbers("ramp")));
        });
    }

    [Test]
    public void Solve_OfTwoBusesWithABindingLine_PricesThemApart()
    {
        // 100 MW at bus 1; the cheap unit at bus 0 may send 60, so the dear one gives 40 and sets the price there.
        var grid = new PowerGrid([0, 100], [new Branch(0, 1, .1, 60)], [new GeneratingUnit(0, 0, 200, 200, 0, 10), new GeneratingUnit(1, 0, 200, 200, 0, 30)]);
        var solver = new DispatchSolver(grid, [0, 1]);
        var prices = new double[2];
        var branchPrices = new double[1];

        Assert.That(solver.Solve([0, 100], [10, 30], [0, 0], [200, 200]), Is.True);
        solver.Prices(prices);
        solver.BranchPrices(branchPrices);
        Assert.That(solver.Outputs.ToArray(), Is.EqualTo(new[] { 60.0, 40 }).Within(1e-12));
        Assert.That(prices, Is.EqualTo(new[] { 10.0, 30 }).Within(1e-12));
        Assert.That(branchPrices, Is.EqualTo(new[] { -20.0 }).Within(1e-12));
    }

    [TestCase(0.0, 30, 30, TestName = "Solve_WithTooLittleCapacity_SaysSo")]
    [TestCase(60.0, 80, 200, TestName = "Solve_WithTooMuchThatMustRun_SaysSo")]
    [TestCase(0.0, 200, 20, TestName = "Solve_WithALineTooWeak_SaysSo")]
    public void Solve_OfWhatCannotBe_SaysSo(double least, double largest, double largestAtLoad)
    {
        var grid = new PowerGrid([0, 100], [new Branch(0, 1, .1, 60)], [new GeneratingUnit(0, 0, 200, 200, 0, 10), new GeneratingUnit(1, 0, 200, 200, 0, 30)]);

        Assert.That(new DispatchSolver(grid, [0, 1]).Solve([0, 100], [10, 30], [least, least], [largest, largestAtLoad]), Is.False);
    }

    /// <summary>Random markets: what is given back is feasible, balanced and satisfies the optimality conditions.</summary>
    [Test]
    public void Solve_OfRandomMarkets_IsOptimalOrInfeasible()
    {
        PowerGrid grid = Ieee14.Grid();
        var solver = new DispatchSolver(grid, [.. grid.Units.Select(u => u.Bus)]);
        var random = new RandomStream(1);
        double[] previous = [110, 50, 40, 35, 24], loads = new double[grid.BusCount], bids = new double[grid.Units.Count], prices = new double[grid.BusCount], branchPrices = new double[grid.Branches.Count];
        int solved = 0;
        for (int market = 0; market < 5000; market++)
        {
            double scale = random.NextUniform(.7, 1.3);
            for (int bus = 0; bus < loads.Length; bus++)
                loads[bus] = grid.BaseLoads[bus] * scale * random.NextUniform(.8, 1.2);
            foreach (ref double bid in bids.AsSpan())
                bid = random.NextUniform(15, 60);
            double[] lower = Lower(grid, previous), upper = Upper(grid, previous);
            if (!solver.Solve(loads, bids, lower, upper))
                continue;
            solved++;
            solver.Prices(prices);
            solver.BranchPrices(branchPrices);
            previous = solver.Outputs.ToArray();
            Assert.That(previous.Sum(), Is.EqualTo(loads.Sum()).Within(1e-7), $"market {market}: balance");
            for (int l = 0; l < grid.Branches.Count; l++)
            {
                double flow = solver.Flows[l], limit = grid.Branches[l].Limit;
                Assert.That(Math.Abs(flow), Is.LessThanOrEqualTo(limit + 1e-7), $"market {market}: branch {l}");
                Assert.That(branchPrices[l] * (branchPrices[l] < 0 ? limit - flow : limit + flow), Is.EqualTo(0).Within(1e-5), $"market {market}: a limit with a price binds");
            }
            for (int g = 0; g < bids.Length; g++)
            {
                double output = previous[g], margin = prices[grid.Units[g].Bus] - bids[g];
                Assert.That(output, Is.InRange(lower[g] - 1e-7, upper[g] + 1e-7), $"market {market}: unit {g}");
                Assert.That(margin > 1e-7 ? upper[g] - output : margin < -1e-7 ? output - lower[g] : 0, Is.EqualTo(0).Within(1e-6), $"market {market}: unit {g} runs as its price says");
            }
        }
        Assert.That(solved, Is.InRange(3000, 4900));
    }

    [Test]
    public void Solve_DoesNotAllocate()
    {
        PowerGrid grid = Ieee14.Grid();
        var solver = new DispatchSolver(grid, [.. grid.Units.Select(u => u.Bus)]);
        double[] loads = [.. grid.BaseLoads], bids = [30, 20, 40, 50, 25], previous = [110, 50, 40, 35, 24], lower = Lower(grid, previous), upper = Upper(grid, previous), prices = new double[grid.BusCount];
        solver.Solve(loads, bids, lower, upper);
        solver.Prices(prices);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            solver.Solve(loads, bids, lower, upper);
            solver.Prices(prices);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [TestCase(0, 1, 0.0, 10, "reactance")]
    [TestCase(0, 1, double.NaN, 10, "reactance")]
    [TestCase(0, 5, 0.1, 10, "0..2")]
    [TestCase(0, 1, 0.1, 0, "limit")]
    [TestCase(0, 1, 0.1, 10, "Bus 2 is isolated")]
    public void Grid_ThatCannotBe_IsRefused(int from, int to, double reactance, double limit, string said) =>
        Assert.That(() => new PowerGrid([1, 1, 1], [new Branch(from, to, reactance, limit)], []), Throws.ArgumentException.With.Message.Contains(said));

    private static double[] Lower(PowerGrid grid, double[] previous) => [.. grid.Units.Select((u, g) => Math.Max(u.MinOutput, previous[g] - u.Ramp))];

    private static double[] Upper(PowerGrid grid, double[] previous) => [.. grid.Units.Select((u, g) => Math.Min(u.MaxOutput, previous[g] + u.Ramp))];
}
