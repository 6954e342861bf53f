namespace SafeMarl.ML.Algorithms;

/// <summary>The mean of each metric over several updates; one that only some of them report is averaged over those.</summary>
internal sealed class MetricsMean
{
    private readonly Dictionary<string, (double Sum, int Count)> _sums = [];
    private readonly List<string> _order = [];

    public void Add(Metrics metrics)
    {
        foreach ((string name, double value) in metrics)
        {
            if (!_sums.TryGetValue(name, out (double Sum, int Count) sum))
                _order.Add(name);
            _sums[name] = (sum.Sum + value, sum.Count + 1);
        }
    }

    public Metrics ToMetrics()
    {
        var mean = new Metrics();
        foreach (string name in _order)
            mean.Add(name, _sums[name].Sum / _sums[name].Count);
        return mean;
    }
}
