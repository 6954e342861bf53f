using SafeMarl.ML.Algorithms;

namespace SafeMarl.ML.Tests.Algorithms;

public sealed class MetricsMeanTests
{
    [Test]
    public void ToMetrics_AveragesEachMetricOverTheUpdatesThatReportIt()
    {
        var mean = new MetricsMean();
        mean.Add(new Metrics { { "critic", 1 }, { "policy", 10 } });
        mean.Add(new Metrics { { "critic", 2 } });

        Assert.That(mean.ToMetrics(), Is.EqualTo(new[] { KeyValuePair.Create("critic", 1.5), KeyValuePair.Create("policy", 10.0) }));
    }
}
