using System.Collections.Concurrent;
using SafeMarl.ML.Policies;
using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.Environments.Games;
using SafeMarl.ML.Tests.Support;
using static SafeMarl.ML.Tests.Support.ToyEnvironment;

namespace SafeMarl.ML.Tests.Evaluation;

public sealed class EvaluatorTests
{
    private readonly MLContext _mlContext = new(1);

    [Test]
    public void Evaluate_OfTheRandomPolicyOnAGame_GivesItsExactMeans()
    {
        // Uniform play: payoff mean of the matrix 22.5 / 9... each entry once; cost 0.5 for each agent.
        var payoff = new double[,] { { 1, 2 }, { 3, 6 } };
        SafeMarlMetrics metrics = _mlContext.SafeMarl().EvaluateRandom(
            View(() => new ConstrainedMatrixGame(payoff, [0, 1], [0, 2])), new EvaluationOptions { Episodes = 4000, CostLimits = new Dictionary<string, double> { ["risk"] = 1.5 } });

        Assert.Multiple(() =>
        {
            Assert.That(metrics.Return.Mean, Is.EqualTo(3).Within(0.15));
            Assert.That(metrics.Agents[0].Costs[0].EpisodeCost.Mean, Is.EqualTo(0.5).Within(0.03));
            Assert.That(metrics.Agents[1].Costs[0].EpisodeCost.Mean, Is.EqualTo(1).Within(0.06));
            Assert.That(metrics.Agents[0].Costs[0].Violations, Is.Zero, "1 is not above 1.5");
            Assert.That(metrics.ViolationRate, Is.EqualTo(0.5).Within(0.03), "2 is");
            Assert.That(metrics.ViolationRateUpperBound, Is.EqualTo(Statistics.ViolationRateUpperBound(metrics.Violations, 4000)));
            Assert.That(metrics.EpisodeLength.Mean, Is.EqualTo(1));
            Assert.That(metrics.Return.Interval.Low, Is.LessThan(metrics.Return.Mean));
            Assert.That(metrics.Return.Interval.High, Is.GreaterThan(metrics.Return.Mean));
        });
    }

    [Test]
    public void Evaluate_OfATaskWithAGoal_GivesTheShareOfEpisodesThatReachIt()
    {
        var seeds = new ConcurrentBag<long>();
        SafeMarlMetrics metrics = _mlContext.SafeMarl().EvaluateRandom(View(() => new Expedition(seeds: seeds)), new EvaluationOptions { Episodes = 60 });
        int reached = seeds.Count(s => Expedition.LossesOf(s) == 0);

        Assert.That(seeds, Has.Count.EqualTo(60));
        Assert.That(metrics.SuccessRate, Is.EqualTo(new Estimate(reached / 60.0, Statistics.RateInterval(reached, 60))));
        Assert.That(_mlContext.SafeMarl().EvaluateRandom(View(() => new ConstrainedMatrixGame()), new EvaluationOptions { Episodes = 2 }).SuccessRate, Is.Null, "the game has no goal");
    }

    [TestCase(false, 1, 1)]
    [TestCase(true, 0, 1)]
    [TestCase(true, 1, 3)]
    public void Evaluate_OfAPolicyOfValues_ExploresAsFarAsToldWhereActionsAreDrawn(bool drawn, double exploration, double expectedReturn)
    {
        // All values are 0, so that the first alternatives are taken; random ones give the mean of the payoffs.
        var payoff = new double[,] { { 1, 2 }, { 3, 6 } };
        var shape = new NetworkShape(1, 2, 3, 1, Activation.ReLU, InputNorm: false, LayerNorm: false, Recurrence: new Recurrence(2));
        var policy = new Policy([IPolicyNetwork.Create(shape)], [.. Enumerable.Range(0, 2).Select(i => new AgentNetwork($"agent_{i}", ActionSpace.Discrete(2), PolicyHead.Greedy, 0, Id: i))]);
        var options = new EvaluationOptions { Episodes = 4000, Deterministic = !drawn, Exploration = exploration };
        SafeMarlMetrics metrics = _mlContext.SafeMarl().Evaluate(_mlContext.SafeMarl().FromPolicy(policy), View(() => new ConstrainedMatrixGame(payoff, [0, 1], [0, 2])), options);

        Assert.That(metrics.Return.Mean, Is.EqualTo(expectedReturn).Within(exploration == 0 || !drawn ? 0 : 0.15));
    }

    [TestCase(-0.1)]
    [TestCase(1.1)]
    [TestCase(double.NaN)]
    public void Evaluate_WithAShareThatIsNone_Throws(double exploration) => Assert.That(
        () => _mlContext.SafeMarl().EvaluateRandom(View(() => new ConstrainedMatrixGame()), new EvaluationOptions { Episodes = 1, Exploration = exploration }),
        Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("between 0 and 1"));

    [Test]
    public void Evaluate_WithAnyNumberOfThreads_GivesTheSame()
    {
        PolicyTransformer policy = _mlContext.SafeMarl().FromPolicy(ToyPolicy());
        string one = Evaluate(1), three = Evaluate(3);

        Assert.That(three, Is.EqualTo(one));

        string Evaluate(int threads) => System.Text.Json.JsonSerializer.Serialize(
            _mlContext.SafeMarl().Evaluate(policy, View(() => new ToyEnvironment(Kind.SharedBoxes)), new EvaluationOptions { Episodes = 7, WorkerThreads = threads, Deterministic = false }));
    }

    [Test]
    public void Evaluate_WithAnotherSeed_PlaysOtherEpisodes()
    {
        PolicyTransformer policy = _mlContext.SafeMarl().FromPolicy(ToyPolicy());
        IDataView view = View(() => new ToyEnvironment(Kind.SharedBoxes));

        Assert.That(_mlContext.SafeMarl().Evaluate(policy, view, new EvaluationOptions { Episodes = 5, Seed = 2 }).Return.Mean,
            Is.Not.EqualTo(_mlContext.SafeMarl().Evaluate(policy, view, new EvaluationOptions { Episodes = 5, Seed = 3 }).Return.Mean));
    }

    [Test]
    public void Evaluate_CountsViolationsAgainstTheLimitsInOrder()
    {
        IDataView view = View(() => new ToyEnvironment(Kind.SharedBoxes));
        Policy trained = ToyPolicy().Copy(new PolicyOrigin("Mafocops", "Toy", 1, 1, new Dictionary<string, double> { ["far"] = 4.5 }));
        double Limit(Policy policy, EvaluationOptions options) => _mlContext.SafeMarl().Evaluate(_mlContext.SafeMarl().FromPolicy(policy), view, options).Agents[0].Costs[0].Limit;

        Assert.Multiple(() =>
        {
            Assert.That(Limit(trained, new EvaluationOptions { Episodes = 1, CostLimits = new Dictionary<string, double> { ["far"] = 2 } }), Is.EqualTo(2), "the evaluation's own");
            Assert.That(Limit(trained, new EvaluationOptions { Episodes = 1 }), Is.EqualTo(4.5), "else the policy's");
            Assert.That(Limit(ToyPolicy(), new EvaluationOptions { Episodes = 1 }), Is.Zero, "else the task's, else 0");
        });
    }

    [Test]
    public void Evaluate_OfATaskWithDeviation_ReportsIt()
    {
        SafeMarlMetrics metrics = _mlContext.SafeMarl().EvaluateRandom(View(() => new ToyEnvironment(Kind.Mixed)), new EvaluationOptions { Episodes = 3 });

        Assert.That(metrics.Agents.Select(a => a.Deviation!.Mean), Is.All.GreaterThan(0));
    }

    [Test]
    public void Evaluate_OfAPolicyForAnotherTask_ShowsBoth() =>
        Assert.That(() => _mlContext.SafeMarl().Evaluate(_mlContext.SafeMarl().FromPolicy(TestPolicies.Box(3, 2)), View(() => new ToyEnvironment(Kind.Mixed)), 2),
            Throws.TypeOf<SafeMarlException>().With.Message.Contains("agent_0: 3 -> Box(2)").And.Message.Contains("chooser"));

    [Test]
    public void Evaluate_OfATaskWithACostThatIsNoNumber_StatesNoBound() =>
        Assert.That(() => _mlContext.SafeMarl().EvaluateRandom(View(() => new ToyEnvironment(Kind.SharedBoxes) { PoisonCostAt = 3 })),
            Throws.TypeOf<EnvironmentException>().With.Message.Contains("cost 'far' of 'right'").And.Message.Contains("step 3"));

    [Test]
    public void Evaluate_WithALimitForNoChannel_NamesTheChannels() =>
        Assert.That(() => _mlContext.SafeMarl().EvaluateRandom(View(() => new ToyEnvironment(Kind.SharedBoxes)), new EvaluationOptions { CostLimits = new Dictionary<string, double> { ["fra"] = 1 } }),
            Throws.TypeOf<SafeMarlException>().With.Message.Contains("'fra'").And.Message.Contains("far"));

    [Test]
    public void Evaluate_OnAViewWithoutAnEnvironment_SaysHowToMakeOne() =>
        Assert.That(() => _mlContext.SafeMarl().EvaluateRandom(_mlContext.Data.TakeRows(View(() => new ToyEnvironment(Kind.SharedBoxes)), 3)),
            Throws.ArgumentException.With.Message.Contains("LoadFromEnvironment"));

    private IDataView View(Func<IMultiAgentEnvironment> environment) => _mlContext.SafeMarl().LoadFromEnvironment(environment);

    // The two agents of the toy task under their names.
    private static Policy ToyPolicy()
    {
        Policy boxes = TestPolicies.Box(3, 2);
        return new Policy([.. boxes.Networks], [new("left", boxes.Agents[0].ActionSpace, PolicyHead.Gaussian, 0), new("right", boxes.Agents[1].ActionSpace, PolicyHead.Gaussian, 1)]);
    }
}
