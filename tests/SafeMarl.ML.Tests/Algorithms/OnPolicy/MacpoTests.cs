using Microsoft.ML;
using SafeMarl.ML.Tests.Support;

namespace SafeMarl.ML.Tests.Algorithms.OnPolicy;

public sealed class MacpoTests : TrainerContractTests
{
    protected override int Environments => 5;

    protected override long StepsPerIteration => 5 * 9;

    protected override SafeMarlTrainer Create(MLContext mlContext, long steps, int threads, int seed) => mlContext.SafeMarl().Trainers.Macpo(Small(steps, threads, seed));

    [TestCase(ToyEnvironment.Kind.SharedBoxes)]
    [TestCase(ToyEnvironment.Kind.MaskedChoices)]
    public void Fit_AsPublishedOrWithSharedParameters_Works(object kind)
    {
        foreach (MacpoOptions options in new[] { MacpoOptions.Published, new MacpoOptions { ShareParameters = true } })
        {
            options.Minibatches = Math.Min(options.Minibatches, 2);
            Apply(options, Small(135, 2, 1));

            Assert.That(new MLContext(1).SafeMarl().Trainers.Macpo(options).Fit(() => new ToyEnvironment((ToyEnvironment.Kind)kind)).Policy.Origin.Steps, Is.EqualTo(135));
        }
    }

    [Test]
    public void Fit_AsPublishedToActionsOfDifferentSizes_SaysWhy()
    {
        MacpoOptions options = MacpoOptions.Published;
        Apply(options, Small(45, 2, 1));

        Assert.That(() => new MLContext(1).SafeMarl().Trainers.Macpo(options).Fit(() => new ToyEnvironment(ToyEnvironment.Kind.Mixed)),
            Throws.TypeOf<InvalidOptionsException>().With.Message.Contains("Ratio").And.Message.Contains("dimensions"));
    }

    /// <summary>The agents' last rollout costs when one channel is limited and the other is free.</summary>
    [TestCase("far")]
    [TestCase("moved")]
    public void Fit_WithOneChannelLimited_TeachesToAvoidThatCost(string limited)
    {
        Assert.That(Cost(limited), Is.LessThan(0.8 * Cost(null)), "every channel reaches the policies");

        double Cost(string? channel)
        {
            var options = new MacpoOptions
            {
                TotalSteps = 30 * 160, Seed = 1, Environments = 20, RolloutSteps = 8, HiddenSize = 16, Device = "cpu", KlThreshold = 0.03, InputNorm = false, CriticMinibatches = 4,
                CostLimits = { ["far"] = 1e6, ["moved"] = 1e6 },
            };
            if (channel is not null)
                options.CostLimits[channel] = 0.5;
            var costs = new List<double>();
            new MLContext(1).SafeMarl().Trainers.Macpo(options).Fit(
                () => new ToyEnvironment(ToyEnvironment.Kind.MaskedChoices),
                new TrainingRun { Sinks = [new Sink(p => costs.Add(p.Costs.Where(c => c.Channel == limited).Average(c => c.EpisodeCost!.Value)))] });
            return costs[^1];
        }
    }

    private static MacpoOptions Small(long steps, int threads, int seed)
    {
        var options = new MacpoOptions();
        Apply(options, new MacpoOptions { TotalSteps = steps, WorkerThreads = threads, Seed = seed });
        return options;
    }

    private static void Apply(MacpoOptions options, MacpoOptions run)
    {
        (options.TotalSteps, options.WorkerThreads, options.Seed, options.CostLimit) = (run.TotalSteps, run.WorkerThreads, run.Seed, 2);
        (options.Environments, options.RolloutSteps, options.HiddenSize, options.CriticEpochs, options.CriticMinibatches, options.Device) = (5, 9, 8, 2, 3, "cpu");
    }

    private sealed class Sink(Action<TrainingProgress> action) : IMetricSink
    {
        public void Emit(TrainingProgress progress) => action(progress);
    }
}
