using System.Text.Json;
using SafeMarl.ML.Losses;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Losses;

public sealed class QuantileHuberLossTests
{
    private static IEnumerable<TestCaseData> Golden() => GoldenFiles.Cases("value-factorization", "quantile_huber");

    [Test]
    public void Of_TwoQuantilesAndTwoTargets_IsTheSumOverQuantilesOfTheMeanOverTargets()
    {
        using var scope = NewDisposeScope();
        Tensor quantiles = tensor(new double[] { 0, 1 }).view(1, 2), taus = tensor(new double[] { 0.25, 0.75 }).view(1, 2), targets = tensor(new double[] { 0.5, 3 }).view(1, 2);

        // z = 0: 0.25 (0.125 + 2.5) / 2. z = 1: u = -0.5 with weight 0.25, u = 2 with weight 0.75: (0.25 * 0.125 + 0.75 * 1.5) / 2.
        Assert.That(QuantileHuberLoss.Of(quantiles, taus, targets).ToDouble(), Is.EqualTo(0.328125 + 0.578125).Within(1e-12));
    }

    [TestCaseSource(nameof(Golden)), Category("Golden")]
    public void Of_ThePeersQuantiles_IsThePeersLossWithItsGradient(string path)
    {
        foreach (JsonElement golden in GoldenFiles.Read(path).GetProperty("cases").EnumerateArray())
        {
            using var scope = NewDisposeScope();
            JsonElement inputs = golden.GetProperty("inputs");
            Tensor T(string name) => GoldenNetworks.Double.Tensor(inputs.GetProperty(name).Numbers("data"), [.. inputs.GetProperty(name).Numbers("shape").Select(n => (long)n)]);
            Tensor z = T("z").requires_grad_(true), after = T("z_target"), reward = T("reward"), terminated = T("terminated"), filled = T("filled");
            (long episodes, long steps, long quantiles) = (z.shape[0], z.shape[1] - 1, z.shape[^1]);
            Tensor mask = filled.narrow(1, 0, steps).clone();
            mask.narrow(1, 1, steps - 1).mul_(1 - terminated.narrow(1, 0, steps - 1));
            Tensor targets = reward.narrow(1, 0, steps) + golden.GetProperty("args").Number("gamma") * (1 - terminated.narrow(1, 0, steps)) * after.reshape(episodes, steps + 1, -1).narrow(1, 1, steps);
            Tensor taus = T("taus").reshape(episodes, -1, quantiles).narrow(1, 0, steps);
            Tensor losses = QuantileHuberLoss.Of(z.reshape(episodes, steps + 1, quantiles).narrow(1, 0, steps).reshape(-1, quantiles), taus.reshape(-1, quantiles), targets.reshape(episodes * steps, -1));
            Tensor loss = WeightedMean.Of(losses, mask.reshape(-1));
            loss.backward();

            GoldenTeams.AssertClose([loss.ToDouble()], [golden.GetProperty("outputs").Number("loss")], "loss", 1e-9);
            GoldenTeams.AssertClose(z.grad!.ToDoubles(), golden.GetProperty("grads").GetProperty("z").Numbers("data"), "gradient", 1e-9);
        }
    }
}
