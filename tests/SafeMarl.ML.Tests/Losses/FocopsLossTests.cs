using System.Text.Json;
using SafeMarl.ML.Losses;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Losses;

public sealed class FocopsLossTests
{
    [TestCase(FocopsIndicator.WholeBracket, 0.1 - (2 * 3 / 1.5), 0)]
    [TestCase(FocopsIndicator.AdvantageOnly, 0.1 - (2 * 3 / 1.5), 0.5)]
    public void PerSample_InsideAndOutsideTheTrustRegion_GivesTheNumbersWorkedByHand(FocopsIndicator indicator, double inside, double outside)
    {
        using var scope = NewDisposeScope();
        Tensor loss = FocopsLoss.PerSample(
            GoldenNetworks.Double.Tensor([0.1, 0.5], 2), GoldenNetworks.Double.Tensor([2.0, 2], 2), GoldenNetworks.Double.Tensor([3.0, 3], 2), lambda: 1.5, delta: 0.2, indicator);

        Assert.That(loss.ToDoubles(), Is.EqualTo(new[] { inside, outside }).Within(1e-12));
    }

    [Test]
    public void Advantage_OfTwoCosts_WeightsTheRewardByTheAgentsBeforeAndEachCostByItsMultiplier()
    {
        using var scope = NewDisposeScope();
        Tensor advantage = FocopsLoss.Advantage(
            GoldenNetworks.Double.Tensor([2.0, 1], 2), GoldenNetworks.Double.Tensor([1.0, -1], 2),
            [(GoldenNetworks.Double.Tensor([1.0, 0], 2), 0.5), (GoldenNetworks.Double.Tensor([0.5, 2], 2), 0.1)]);

        // 2 * 1 - 0.5 * 1 - 0.1 * 0.5, and 1 * -1 - 0.5 * 0 - 0.1 * 2
        Assert.That(advantage.ToDoubles(), Is.EqualTo(new[] { 1.45, -1.2 }).Within(1e-12));
    }

    private static IEnumerable<TestCaseData> Cases() => GoldenFiles.Cases("on-policy-and-certificates", "f_indicator_variants");

    [TestCaseSource(nameof(Cases)), Category("Golden")]
    public void PerSample_UnderBothReadings_GivesLossAndGradientsOfTheReference(string path)
    {
        JsonElement golden = GoldenFiles.Read(path), inputs = golden.GetProperty("inputs"), outputs = golden.GetProperty("outputs");
        foreach ((FocopsIndicator indicator, string name) in new[] { (FocopsIndicator.WholeBracket, "focops_code"), (FocopsIndicator.AdvantageOnly, "eq11_literal") })
        {
            using var scope = NewDisposeScope();
            Tensor observations = GoldenNetworks.Tensor(inputs.GetProperty("obs")), actions = GoldenNetworks.Tensor(inputs.GetProperty("actions"));
            JsonElement parameters = inputs.GetProperty("new");
            NetworkShape shape = GoldenShapes.Tanh((int)observations.shape[1], (int)actions.shape[1], parameters);
            using Actor actor = GoldenNetworks.Actor(parameters, shape, StdParameterization.Exponential);
            using Actor before = GoldenNetworks.Actor(inputs.GetProperty("old"), shape, StdParameterization.Exponential);
            IDistribution current = actor.Distribution(observations, null), old = before.Distribution(observations, null);
            Tensor ratio = (current.LogProb(actions) - old.LogProb(actions).detach()).exp();
            Tensor kl = current.KullbackLeibler(old);
            Tensor advantage = GoldenNetworks.Vector(inputs.GetProperty("M")) * GoldenNetworks.Vector(inputs.GetProperty("adv"))
                - GoldenNetworks.Vector(inputs.GetProperty("cost_adv")) * inputs.Number("nu");
            Tensor loss = FocopsLoss.PerSample(kl, ratio, advantage, inputs.Number("lam"), inputs.Number("eta"), indicator).mean();
            loss.backward();

            Numeric.AssertClose(kl.ToDoubles(), outputs.Numbers("kl_new_old"), 1e-9, "KL");
            Numeric.AssertClose(ratio.ToDoubles(), outputs.Numbers("ratio"), 1e-9, "ratio");
            Numeric.AssertClose(loss.ToDouble(), outputs.GetProperty(name).Number("loss"), 1e-9, $"{name}: loss");
            JsonElement gradients = outputs.GetProperty(name).GetProperty("grads");
            Numeric.AssertClose(GoldenNetworks.Gradients(actor, gradients), GoldenNetworks.Numbers(gradients), 1e-9, $"{name}: gradients");
        }
    }
}
