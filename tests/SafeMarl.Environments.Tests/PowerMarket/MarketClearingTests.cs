using SafeMarl.Environments.PowerMarket;

namespace SafeMarl.Environments.Tests.PowerMarket;

public sealed class MarketClearingTests
{
    // 100 MW of load at bus 1, behind a line of 60 MW; a cheap unit at bus 0 and a dear one at bus 1.
    private static PowerGrid TwoBuses(double ramp = 200, double least = 0) =>
        new([0, 100], [new Branch(0, 1, .1, 60)], [new GeneratingUnit(0, least, 200, ramp, 0, 10), new GeneratingUnit(1, 0, 200, ramp, 0, 30)]);

    [Test]
    public void Clear_WithEnoughEverywhere_IsNotSoft()
    {
        var clearing = new MarketClearing(TwoBuses());
        clearing.Clear([0, 100], [10, 30], [50, 50]);

        Assert.That((clearing.WasSoft, clearing.Shed, clearing.Spilled), Is.EqualTo((false, 0.0, 0.0)));
        Assert.That(clearing.Outputs.ToArray(), Is.EqualTo(new[] { 60.0, 40 }).Within(1e-9));
        Assert.That(clearing.Prices.ToArray(), Is.EqualTo(new[] { 10.0, 30 }).Within(1e-9));
    }

    [Test]
    public void Clear_WithTooLittle_ShedsAtTheHighestPrice()
    {
        // Ramps of 10 from 40 and 20: 50 over the line and 30 at the load; 20 are not served.
        var clearing = new MarketClearing(TwoBuses(ramp: 10));
        clearing.Clear([0, 100], [10, 30], [40, 20]);

        Assert.That(clearing.WasSoft, Is.True);
        Assert.That(clearing.Shed, Is.EqualTo(20).Within(1e-9));
        Assert.That(clearing.Spilled, Is.Zero.Within(1e-9));
        Assert.That(clearing.Outputs.ToArray(), Is.EqualTo(new[] { 50.0, 30 }).Within(1e-9));
        Assert.That(clearing.Prices.ToArray(), Is.EqualTo(new[] { 500.0, 500 }).Within(1e-9));
    }

    [Test]
    public void Clear_WithTooMuch_SpillsAtTheLowestPrice()
    {
        // The first unit must give 90, of which the line takes 60; the second one gives the rest of the load.
        var clearing = new MarketClearing(TwoBuses(least: 90));
        clearing.Clear([0, 100], [10, 30], [100, 0]);

        Assert.That(clearing.WasSoft, Is.True);
        Assert.That(clearing.Spilled, Is.EqualTo(30).Within(1e-9));
        Assert.That(clearing.Outputs.ToArray(), Is.EqualTo(new[] { 90.0, 40 }).Within(1e-9));
        Assert.That(clearing.Prices.ToArray(), Is.EqualTo(new[] { -100.0, 30 }).Within(1e-9));
    }

    [Test]
    public void Clear_OfRandomMarkets_AlwaysBalances()
    {
        PowerGrid grid = Ieee14.Grid();
        var clearing = new MarketClearing(grid);
        var random = new RandomStream(2);
        double[] loads = new double[grid.BusCount], bids = new double[grid.Units.Count], outputs = [110, 50, 40, 35, 24];
        int soft = 0;
        for (int market = 0; market < 2000; market++)
        {
            double scale = random.NextUniform(0.3, 1.8);
            for (int bus = 0; bus < loads.Length; bus++)
                loads[bus] = grid.BaseLoads[bus] * scale * random.NextUniform(.8, 1.2);
            foreach (ref double bid in bids.AsSpan())
                bid = random.NextUniform(15, 60);
            clearing.Clear(loads, bids, outputs);
            outputs = clearing.Outputs.ToArray();
            soft += clearing.WasSoft ? 1 : 0;
            Assert.That(outputs.Sum() + clearing.Shed - clearing.Spilled, Is.EqualTo(loads.Sum()).Within(1e-6), $"market {market}");
            Assert.That(clearing.Flows.ToArray().Zip(grid.Branches, (f, b) => Math.Abs(f) - b.Limit), Is.All.LessThan(1e-6), $"market {market}");
            Assert.That(clearing.Prices.ToArray(), Is.All.InRange(-100.0, 500.0), $"market {market}");
        }
        Assert.That(soft, Is.InRange(200, 1900), "both kinds occur");
    }

    [TestCase(double.NaN, "bid of unit 1")]
    [TestCase(501, "bid of unit 1")]
    [TestCase(-101, "-100 to 500")]
    public void Clear_WithABidOutsideItsRange_NamesIt(double bid, string said) =>
        Assert.That(() => new MarketClearing(TwoBuses()).Clear([0, 100], [10, bid], [0, 0]), Throws.ArgumentException.With.Message.Contains(said));

    [Test]
    public void Clearing_OfAGridWithoutUnits_IsRefused() =>
        Assert.That(() => new MarketClearing(new PowerGrid([0, 1], [new Branch(0, 1, .1, 5)], [])), Throws.ArgumentException.With.Message.Contains("unit"));

    [Test]
    public void Clear_WithANegativeLoad_NamesTheBus() =>
        Assert.That(() => new MarketClearing(TwoBuses()).Clear([0, -1], [10, 20], [0, 0]), Throws.ArgumentException.With.Message.Contains("load of bus 1"));
}
