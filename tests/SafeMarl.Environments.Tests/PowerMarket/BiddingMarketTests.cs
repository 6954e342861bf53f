using SafeMarl.Environments.PowerMarket;

namespace SafeMarl.Environments.Tests.PowerMarket;

public sealed class BiddingMarketTests : EnvironmentContractTests
{
    protected override IMultiAgentEnvironment Create() => new BiddingMarket();

    [Test]
    public void Spec_HasFiveCompaniesOnARing()
    {
        using var market = new BiddingMarket();

        Assert.Multiple(() =>
        {
            Assert.That(market.Spec.Agents.Select(a => a.Name), Is.EqualTo(new[] { "bus_1", "bus_2", "bus_3", "bus_6", "bus_8" }));
            Assert.That(market.Spec.Agents.Select(a => string.Join(' ', a.Neighbors)), Is.EqualTo(new[] { "1 3", "0 2", "1 4", "0 4", "2 3" }));
            Assert.That(market.Spec.StateSize, Is.EqualTo(5 + 14 + 14));
            Assert.That((market.Spec.SharedReward, market.Spec.HasDeviation, market.Spec.EpisodeLength), Is.EqualTo((false, true, 100)));
        });
    }

    [Test]
    public void Step_ChargesAndRewardsByTheFormulas()
    {
        using var market = new BiddingMarket();
        var memory = new StepMemory(market.Spec, 1);
        market.Reset(4, memory[0]);
        double[] desired = [110, 50, 40, 35, 24], phi = [.9, .6, .5, .45, .4], a = [.0430292599, .25, .01, .01, .01], b = [20, 20, 40, 40, 40];
        int[] bus = [0, 1, 2, 5, 7];
        for (int step = 0; step < 20; step++)
        {
            market.Step([-1, 0.5f, 1, -0.3f, 0], memory[0]);
            for (int g = 0; g < 5; g++)
            {
                double output = market.Clearing.Outputs[g], price = market.Clearing.Prices[bus[g]], distance = Math.Abs(output - desired[g]);
                double reward = 1e-3 * (price * output - (a[g] * output * output) - (b[g] * output)) + (distance <= 0.2 * desired[g] ? 1 : 0) - 0.02 * distance;
                Assert.That(memory[0].Reward(g), Is.EqualTo(reward).Within(1e-5), $"step {step}, company {g}: reward");
                Assert.That(memory[0].Cost(g), Is.EqualTo(Math.Max(0, phi[g] * output - 1.1 * phi[g] * desired[g])).Within(1e-4), $"step {step}, company {g}: cost");
                Assert.That(memory[0].Deviation(g), Is.EqualTo(0.02 * distance).Within(1e-5), $"step {step}, company {g}: deviation");
                Assert.That(memory[0].Observation(g)[0], Is.EqualTo(output / 100).Within(1e-6));
                Assert.That(memory[0].Observation(g)[1], Is.EqualTo(price / 50).Within(1e-6));
            }
        }
    }

    [Test]
    public void Step_WithALowerBid_SellsMore()
    {
        Assert.That(OutputAfter(-1), Is.GreaterThan(OutputAfter(1) + 20), "the second company after five clearings");

        static double OutputAfter(float bid)
        {
            using var market = new BiddingMarket();
            var memory = new StepMemory(market.Spec, 1);
            market.Reset(1, memory[0]);
            for (int i = 0; i < 5; i++)
                market.Step([0, bid, 0, 0, 0], memory[0]);
            return market.Clearing.Outputs[1];
        }
    }

    [Test]
    public void Market_WithANegativeWeight_IsRefused() =>
        Assert.That(() => new BiddingMarket(new BiddingMarketOptions { DeviationWeight = -1 }), Throws.ArgumentException.With.Message.Contains("DeviationWeight is -1"));

    [Test]
    public void Market_WithBidsThatFall_IsRefused() =>
        Assert.That(() => new BiddingMarket(new BiddingMarketOptions { LowestBid = 60, HighestBid = 15 }), Throws.ArgumentException.With.Message.Contains("60 to 15"));
}
