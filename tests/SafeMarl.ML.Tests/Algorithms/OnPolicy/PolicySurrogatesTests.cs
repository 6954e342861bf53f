using SafeMarl.Environments;
using SafeMarl.ML.Algorithms.OnPolicy;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Optimization;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Algorithms.OnPolicy;

/// <summary>What trust-region and Lagrangian updates trade off, by numbers worked by hand: the policy is the one that acted, so every ratio is 1.</summary>
public sealed class PolicySurrogatesTests
{
    [TestCase(false, 1, Description = "(1 + 1) / 2: a cost is the agent's own")]
    [TestCase(true, 1.5, Description = "(2 * 1 + 1 * 1) / 2")]
    public void CostLoss_OfMacpo_IsWeighedByTheOthersOnlyAsPublished(bool weighed, double expected)
    {
        using var scope = NewDisposeScope();
        using Actor actor = Actor();
        SurrogateSamples samples = Samples(actor);
        Tensor[] losses = Macpo.Losses(actor.Distribution(samples.Observations, null), samples, new MacpoOptions { WeighCosts = weighed });

        Assert.That(losses.Select(l => l.ToDouble()), Is.EqualTo(new[] { -2.5, expected }).Within(1e-12), "reward: -(2 * 1 + 1 * 3) / 2");
    }

    [TestCase(false, -2.0, Description = "-((2 - 0.5) + (3 - 0.5)) / 2")]
    [TestCase(true, -1.75, Description = "-(2 (1 - 0.5) + (3 - 0.5)) / 2")]
    public void PolicyLoss_OfTheLagrangian_PricesCostsInsideOrOutsideTheFactor(bool weighed, double expected)
    {
        using var scope = NewDisposeScope();
        using Actor actor = Actor();
        var settings = new LagrangianSettings(new ClippedSettings(0.2, 0, 1, 2), ActionRatio.Product, weighed);
        LagrangianUpdate.Objective objective = LagrangianUpdate.Evaluate(actor, Samples(actor), [0.5], settings);

        Assert.That(objective.PolicyLoss.ToDouble(), Is.EqualTo(expected).Within(1e-12));
        Assert.That(LagrangianUpdate.CostChanges(objective.Ratio, Samples(actor)), Is.EqualTo(new[] { 1.0 }).Within(1e-12));
    }

    [Test]
    public void Ratio_OfAnAction_IsTheProductOverItsDimensions()
    {
        using var scope = NewDisposeScope();
        Tensor now = GoldenNetworks.Double.Tensor([Math.Log(0.6), Math.Log(0.5)], 1, 2), before = GoldenNetworks.Double.Tensor([Math.Log(0.3), Math.Log(0.2)], 1, 2);

        Assert.That(PolicySurrogates.Ratio(now, before, ActionRatio.Product).ToDoubles(), Is.EqualTo(new[] { 5.0 }).Within(1e-12), "2 * 2.5");
        Assert.That(PolicySurrogates.Ratio(now, before, ActionRatio.PerDimension).ToDoubles(), Is.EqualTo(new[] { 2, 2.5 }).Within(1e-12));
    }

    [Test]
    public void Curvature_InSeveralParts_IsTheDerivativeOfTheGradientWhateverTheThreads()
    {
        using var scope = NewDisposeScope();
        using Actor actor = Actor();
        var random = new RandomStream(3);
        double[] observations = [.. Enumerable.Range(0, 1300 * 3).Select(_ => random.NextGaussian())];
        SurrogateSamples samples = Samples(actor) with { Observations = GoldenNetworks.Double.Tensor(observations, 1300, 3) };
        IReadOnlyList<Func<Tensor>> parts = PolicySurrogates.Divergence(actor, samples, DivergenceFormula.Exact);
        var parameters = new FlatParameters(actor);
        Tensor start = parameters.Values(), v = GoldenNetworks.Double.Tensor([.. start.ToDoubles().Select(_ => random.NextGaussian())], start.shape);
        double[] one, two;
        using (var curvature = new CurvatureProduct(parameters, parts, damping: 0.5, threads: 1))
            one = curvature.Apply(v).ToDoubles();
        using (var curvature = new CurvatureProduct(parameters, parts, damping: 0.5, threads: 2))
            two = curvature.Apply(v).ToDoubles();

        // The gradient of KL(old || new) a little to both sides; it is 0 in between.
        const double step = 1e-4;
        IDistribution old = actor.Snapshot(samples.Observations, null);
        double[] forward = Gradient(step), backward = Gradient(-step);
        double[] expected = [.. v.ToDoubles().Select((value, i) => (forward[i] - backward[i]) / (2 * step) + 0.5 * value)];

        Assert.That(parts, Has.Count.EqualTo(3));
        Assert.That(two, Is.EqualTo(one), "the parts, not the threads, decide the order of additions");
        Numeric.AssertClose(one, expected, 1e-5, "curvature");

        double[] Gradient(double distance)
        {
            parameters.Assign(start + v * distance);
            double[] gradient = parameters.Gradient(old.KullbackLeibler(actor.Distribution(samples.Observations, null)).mean()).ToDoubles();
            parameters.Assign(start);
            return gradient;
        }
    }

    [Test]
    public void Search_ThatAcceptsNothing_GoesBack()
    {
        using var scope = NewDisposeScope();
        using Actor actor = Actor();
        var parameters = new FlatParameters(actor);
        double[] before = parameters.Values().ToDoubles();
        var fractions = new List<double>();
        Tensor step = ones_like(parameters.Values());
        int? none = BacktrackingSearch.Run(parameters, step, fraction: 1, decay: 0.5, trials: 3, fraction =>
        {
            fractions.Add(fraction);
            return false;
        });
        double[] after = parameters.Values().ToDoubles();
        int? second = BacktrackingSearch.Run(parameters, step, fraction: 1, decay: 0.5, trials: 3, fraction => fraction < 1);

        Assert.Multiple(() =>
        {
            Assert.That(none, Is.Null);
            Assert.That(fractions, Is.EqualTo(new[] { 1, 0.5, 0.25 }));
            Assert.That(after, Is.EqualTo(before));
            Assert.That(second, Is.EqualTo(1));
            Assert.That(parameters.Values().ToDoubles()[0], Is.EqualTo(before[0] + 0.5).Within(1e-12));
        });
    }

    private static Actor Actor()
    {
        var random = new RandomStream(1);
        return new Actor(new NetworkShape(3, 2, 4, 1, Activation.Tanh, InputNorm: false, LayerNorm: false), discrete: false, StdParameterization.Sigmoid, ref random, GoldenNetworks.Double);
    }

    // Two samples; M = 2 and 1, A = 1 and 3, C = 1 and 1.
    private static SurrogateSamples Samples(Actor actor)
    {
        Tensor observations = GoldenNetworks.Double.Tensor([0.1, 0.2, 0.3, -0.1, 0, 0.4], 2, 3), actions = GoldenNetworks.Double.Tensor([0.5, -0.2, 0.1, 0.3], 2, 2);
        return new SurrogateSamples(
            observations, null, actions, actor.Snapshot(observations, null).LogProbs(actions), GoldenNetworks.Double.Tensor([2.0, 1], 2, 1), GoldenNetworks.Double.Tensor([1.0, 3], 2),
            [GoldenNetworks.Double.Tensor([1.0, 1], 2)]);
    }
}
