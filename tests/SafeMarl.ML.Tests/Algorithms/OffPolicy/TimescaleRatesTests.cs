using SafeMarl.ML.Algorithms.OffPolicy;

namespace SafeMarl.ML.Tests.Algorithms.OffPolicy;

public sealed class TimescaleRatesTests
{
    [Test]
    public void From_DefaultsAndFourAgents_ReproducesThePapersTable()
    {
        TimescaleRates rates = TimescaleRates.From(new Mas3acOptions(), agents: 4);

        Assert.Multiple(() =>
        {
            Assert.That(rates.Policies, Is.EqualTo(new[] { 1e-3, 8e-4, 6e-4, 4e-4 }).Within(1e-12));
            Assert.That(rates.Multipliers, Is.EqualTo(new[] { 9e-4, 7e-4, 5e-4, 3e-4 }).Within(1e-12));
        });
    }

    [Test]
    public void From_QuarteringRates_ReproducesThePapersSecondSetOfRates()
    {
        var options = Mas3acOptions.QuarteringRates(agents: 4);
        TimescaleRates rates = TimescaleRates.From(options, agents: 4);

        Assert.Multiple(() =>
        {
            Assert.That(options.CriticLearningRate, Is.EqualTo(0.004));
            Assert.That(rates.Policies, Is.EqualTo(new[] { 2e-3, 5e-4, 1.25e-4, 3.125e-5 }).Within(1e-15));
            Assert.That(rates.Multipliers, Is.EqualTo(new[] { 1e-3, 2.5e-4, 6.25e-5, 1.5625e-5 }).Within(1e-15));
        });
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(5)]
    [TestCase(12)]
    public void From_AnyNumberOfAgents_KeepsTheTimescalesInOrder(int agents)
    {
        TimescaleRates rates = TimescaleRates.From(new Mas3acOptions(), agents);
        double[] interleaved = [.. Enumerable.Range(0, agents).SelectMany(i => new[] { rates.Policies[i], rates.Multipliers[i] })];

        Assert.Multiple(() =>
        {
            Assert.That(interleaved, Is.Ordered.Descending.And.All.Positive);
            Assert.That(interleaved, Is.Unique);
        });
    }

    [Test]
    public void From_RatesOfTheUser_TakesThemAsTheyAre()
    {
        TimescaleRates rates = TimescaleRates.From(new Mas3acOptions { ActorLearningRates = [0.1, 0.2], MultiplierLearningRates = [0.3, 0] }, agents: 2);

        Assert.That(rates.Policies.Concat(rates.Multipliers), Is.EqualTo(new[] { 0.1, 0.2, 0.3, 0 }));
    }

    [TestCase(true, "ActorLearningRates has 2 rates")]
    [TestCase(false, "MultiplierLearningRates has 2 rates")]
    public void From_RatesForOtherAgents_IsAnErrorThatNamesOptionAndBothCounts(bool policies, string message)
    {
        Mas3acOptions options = policies ? new() { ActorLearningRates = [1, 1] } : new() { MultiplierLearningRates = [1, 1] };

        Assert.That(() => TimescaleRates.From(options, agents: 3), Throws.TypeOf<InvalidOptionsException>().With.Message.Contains(message).And.Message.Contains("3 agents"));
    }
}
