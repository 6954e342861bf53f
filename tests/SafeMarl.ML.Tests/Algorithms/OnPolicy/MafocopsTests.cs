using Microsoft.ML;
using SafeMarl.ML.Constraints;

namespace SafeMarl.ML.Tests.Algorithms.OnPolicy;

public sealed class MafocopsTests : TrainerContractTests
{
    protected override int Environments => 5;

    protected override long StepsPerIteration => 5 * 9;

    protected override SafeMarlTrainer Create(MLContext mlContext, long steps, int threads, int seed) => mlContext.SafeMarl().Trainers.Mafocops(new MafocopsOptions
    {
        TotalSteps = steps, Seed = seed, WorkerThreads = threads, CostLimit = 2, Environments = 5, RolloutSteps = 9, MinibatchSize = 16, HiddenSize = 8, Epochs = 2, Device = "cpu",
        MultiplierLearningRate = 0.05,
    });

    [Test]
    public void Multiplier_AboveItsLimit_RisesByRateTimesExcess()
    {
        var multiplier = new LagrangeMultiplier(initial: 0.5, rate: 0.1, max: 1, limit: 30);
        multiplier.Update(32);
        double above = multiplier.Value;
        multiplier.Update(25);

        Assert.That((above, multiplier.Value), Is.EqualTo((0.7, 0.2)).Using<(double, double)>((a, b) => Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) < 1e-12));
    }

    [TestCase(1000, 1)]
    [TestCase(-1000, 0)]
    public void Multiplier_PushedFar_StaysInItsBounds(double excess, double expected)
    {
        var multiplier = new LagrangeMultiplier(initial: 0.5, rate: 0.1, max: 1, limit: 30);
        multiplier.Update(30 + excess);

        Assert.That(multiplier.Value, Is.EqualTo(expected));
    }

    [Test]
    public void Fit_WithALimitPerChannel_MovesEachMultiplierByItsOwnCost()
    {
        var options = new MafocopsOptions
        {
            TotalSteps = 45, Seed = 1, Environments = 5, RolloutSteps = 9, HiddenSize = 8, Device = "cpu", MultiplierLearningRate = 0.1, MaxMultiplier = 10, InitialMultiplier = 1,
            CostLimits = { ["far"] = 8, ["moved"] = 0.5 },
        };
        TrainingProgress? last = null;
        new MLContext(1).SafeMarl().Trainers.Mafocops(options).Fit(
            () => new Support.ToyEnvironment(Support.ToyEnvironment.Kind.MaskedChoices), new TrainingRun { Progress = new Report(p => last = p) });

        Assert.Multiple(() =>
        {
            foreach (CostProgress cost in last!.Costs)
                Assert.That(cost.Multiplier, Is.EqualTo(Math.Clamp(1 + (0.1 * (cost.EpisodeCost!.Value - cost.Limit!.Value)), 0, 10)).Within(1e-9), $"{cost.Agent} {cost.Channel}");
            Assert.That(last.Costs, Has.Count.EqualTo(6));
            Assert.That(last.Costs.Select(c => c.Limit), Is.EqualTo(new double?[] { 8, 0.5, 8, 0.5, 8, 0.5 }));
        });
    }

    /// <summary>The agents' last rollout costs when one channel is priced and the other is free.</summary>
    [TestCase("far")]
    [TestCase("moved")]
    public void Fit_WithOneChannelPriced_TeachesToAvoidThatCost(string priced)
    {
        double free = Cost(null), limited = Cost(priced);

        Assert.That(limited, Is.LessThan(0.8 * free), "every channel's multiplier reaches the policies");

        double Cost(string? channel)
        {
            var options = new MafocopsOptions
            {
                TotalSteps = 40 * 160, Seed = 1, Environments = 20, RolloutSteps = 8, MinibatchSize = 32, HiddenSize = 16, Device = "cpu", MultiplierLearningRate = 1, MaxMultiplier = 10,
                ActorLearningRate = 3e-3, Delta = 0.1, InputNorm = false, CostLimits = { ["far"] = 1e6, ["moved"] = 1e6 },
            };
            if (channel is not null)
                options.CostLimits[channel] = 0;
            TrainingProgress? last = null;
            new MLContext(1).SafeMarl().Trainers.Mafocops(options).Fit(
                () => new Support.ToyEnvironment(Support.ToyEnvironment.Kind.MaskedChoices), new TrainingRun { Progress = new Report(p => last = p) });
            return last!.Costs.Where(c => c.Channel == priced).Average(c => c.EpisodeCost!.Value);
        }
    }

    [Test]
    public void Fit_WithALimitForAnUnknownChannel_NamesTheTasksChannels()
    {
        var options = new MafocopsOptions { CostLimit = 1, CostLimits = { ["near"] = 1 }, HiddenSize = 8, Device = "cpu" };

        Assert.That(() => new MLContext(1).SafeMarl().Trainers.Mafocops(options).Fit(() => new Support.ToyEnvironment(Support.ToyEnvironment.Kind.SharedBoxes)),
            Throws.TypeOf<InvalidOptionsException>().With.Message.Contains("near").And.Message.Contains("far"));
    }

    [Test]
    public void Fit_WithoutALimitForAChannel_NamesIt()
    {
        var options = new MafocopsOptions { CostLimits = { ["far"] = 1 }, HiddenSize = 8, Device = "cpu" };

        Assert.That(() => new MLContext(1).SafeMarl().Trainers.Mafocops(options).Fit(() => new Support.ToyEnvironment(Support.ToyEnvironment.Kind.MaskedChoices)),
            Throws.TypeOf<InvalidOptionsException>().With.Message.Contains("moved"));
    }

    private sealed class Report(Action<TrainingProgress> action) : IProgress<TrainingProgress>
    {
        void IProgress<TrainingProgress>.Report(TrainingProgress value) => action(value);
    }
}
