using static SafeMarl.Environments.Tests.CountingEnvironment;

namespace SafeMarl.Environments.Tests;

public sealed class EnvironmentCheckerTests
{
    [Test]
    public void Check_OfASoundEnvironment_FindsNothing() =>
        Assert.That(EnvironmentChecker.Check(() => new CountingEnvironment()).Problems, Is.Empty);

    [TestCase(Fault.NaNObservation, "finite values")]
    [TestCase(Fault.UnwrittenState, "finite values")]
    [TestCase(Fault.InfiniteReward, "finite values")]
    [TestCase(Fault.NegativeCost, "costs")]
    [TestCase(Fault.NegativeDeviation, "deviation")]
    [TestCase(Fault.UnequalSharedReward, "shared signals")]
    [TestCase(Fault.NeverEnds, "truncation")]
    [TestCase(Fault.Allocates, "allocation")]
    [TestCase(Fault.IgnoresSeed, "determinism")]
    [TestCase(Fault.SurvivesReset, "determinism")]
    [TestCase(Fault.AcceptsNaN, "actions")]
    public void Check_OfABrokenEnvironment_NamesTheRule(object fault, string rule)
    {
        EnvironmentReport report = EnvironmentChecker.Check(() => new CountingEnvironment(fault: (Fault)fault));

        Assert.Multiple(() =>
        {
            Assert.That(report.Problems.Select(p => p.Rule), Does.Contain(rule), report.ToString());
            Assert.That(report.ThrowIfFailed, Throws.TypeOf<EnvironmentException>().With.Message.Contains(rule));
        });
    }

    [Test]
    public void Check_OfAMaskWithoutAlternatives_Throws() =>
        Assert.That(() => EnvironmentChecker.Check(() => new CountingEnvironment(fault: Fault.EmptyMask)), Throws.TypeOf<EnvironmentException>());
}
