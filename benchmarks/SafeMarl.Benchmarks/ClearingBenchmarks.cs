using BenchmarkDotNet.Attributes;
using SafeMarl.Environments;
using SafeMarl.Environments.PowerMarket;

namespace SafeMarl.Benchmarks;

/// <summary>Clearing the IEEE 14-bus market for random loads and bids, each from the outputs before.</summary>
[InProcess, MemoryDiagnoser]
public class ClearingBenchmarks
{
    private const int Markets = 256;

    private MarketClearing _clearing = null!;
    private double[][] _loads = [], _bids = [];
    private double[] _outputs = [];
    private int _next;

    [GlobalSetup]
    public void SetUp()
    {
        PowerGrid grid = Ieee14.Grid();
        var random = new RandomStream(1);
        _clearing = new MarketClearing(grid);
        (_loads, _bids) = (new double[Markets][], new double[Markets][]);
        for (int i = 0; i < Markets; i++)
        {
            double scale = random.NextUniform(.85, 1.15);
            _loads[i] = [.. grid.BaseLoads.Select(l => l * scale)];
            _bids[i] = [.. grid.Units.Select(_ => 0.0)];
            foreach (ref double bid in _bids[i].AsSpan())
                bid = random.NextUniform(15, 60);
        }
        _outputs = [110, 50, 40, 35, 24];
    }

    /// <summary>One clearing, prices included.</summary>
    [Benchmark]
    public void Clear()
    {
        int market = _next++ % Markets;
        _clearing.Clear(_loads[market], _bids[market], _outputs);
        _clearing.Outputs.CopyTo(_outputs);
        foreach (ref double output in _outputs.AsSpan())
            output = Math.Max(0, output);
    }
}
