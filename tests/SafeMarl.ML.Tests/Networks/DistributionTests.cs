using System.Text.Json;
using SafeMarl.Environments;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Networks;

public sealed class DistributionTests
{
    private DisposeScope? _scope;

    [SetUp]
    public void OpenScope() => _scope = NewDisposeScope();

    [TearDown]
    public void CloseScope() => _scope?.Dispose();

    [Test]
    public void Gaussian_OfOneDimension_GivesTheNumbersWorkedByHand()
    {
        var p = new GaussianDistribution(GoldenNetworks.Double.Tensor([1.0], 1, 1), GoldenNetworks.Double.Tensor([2.0], 1));
        var q = new GaussianDistribution(GoldenNetworks.Double.Tensor([3.0], 1, 1), GoldenNetworks.Double.Tensor([1.0], 1));

        Assert.Multiple(() =>
        {
            Assert.That(p.LogProb(GoldenNetworks.Double.Tensor([5.0], 1, 1)).ToDoubles()[0], Is.EqualTo(-2 - Math.Log(2) - (0.5 * Math.Log(2 * Math.PI))).Within(1e-12));
            Assert.That(p.Entropy().ToDoubles()[0], Is.EqualTo(Math.Log(2) + (0.5 * Math.Log(2 * Math.PI * Math.E))).Within(1e-12));
            // log(1/2) + (4 + 4) / 2 - 1/2
            Assert.That(p.KullbackLeibler(q).ToDoubles()[0], Is.EqualTo(-Math.Log(2) + 4 - 0.5).Within(1e-12));
        });
    }

    [Test]
    public void Categorical_WithAMask_GivesNothingToWhatIsUnavailable()
    {
        var distribution = CategoricalDistribution.FromLogits(GoldenNetworks.Double.Tensor([1.0, 2, 3], 1, 3), GoldenNetworks.Double.Tensor([1.0, 0, 1], 1, 3));
        double z = Math.E + Math.Exp(3);

        Assert.Multiple(() =>
        {
            Assert.That(distribution.LogProb(GoldenNetworks.Double.Tensor([2.0], 1, 1)).ToDoubles()[0], Is.EqualTo(3 - Math.Log(z)).Within(1e-12));
            Assert.That(Math.Exp(distribution.LogProb(GoldenNetworks.Double.Tensor([1.0], 1, 1)).ToDoubles()[0]), Is.Zero);
            double p0 = Math.E / z, p2 = Math.Exp(3) / z;
            Assert.That(distribution.Entropy().ToDoubles()[0], Is.EqualTo(-(p0 * Math.Log(p0)) - (p2 * Math.Log(p2))).Within(1e-12));
        });
    }

    [Test]
    public void Rows_OfADistribution_AreThoseSamples()
    {
        var distribution = new GaussianDistribution(GoldenNetworks.Double.Tensor([1.0, 2, 3], 3, 1), GoldenNetworks.Double.Tensor([1.0], 1));
        IDistribution rows = distribution.Rows(GoldenNetworks.Double.Index([2, 0]));

        Assert.That(rows.LogProb(GoldenNetworks.Double.Tensor([3.0, 1], 2, 1)).ToDoubles(), Is.EqualTo(new double[2].Select(_ => -0.5 * Math.Log(2 * Math.PI))).Within(1e-12));
    }

    private static IEnumerable<TestCaseData> Cases() => GoldenFiles.Cases("on-policy-and-certificates", "b_dist");

    [TestCaseSource(nameof(Cases)), Category("Golden")]
    public void Gaussian_OfThePeers_GivesThePeersNumbers(string path)
    {
        JsonElement golden = GoldenFiles.Read(path), inputs = golden.GetProperty("inputs").GetProperty("gaussian"), outputs = golden.GetProperty("outputs").GetProperty("gaussian");
        GaussianDistribution old = Gaussian(inputs, "old"), current = Gaussian(inputs, "new");
        Tensor actions = GoldenNetworks.Tensor(inputs.GetProperty("actions"));

        Close(old.LogProb(actions), outputs, "joint_log_prob");
        Close(old.Entropy(), outputs, "entropy_per_state");
        Close(old.KullbackLeibler(current), outputs, "harl_kl_old_new");
        Close(current.KullbackLeibler(old), outputs, "focops_kl_new_old");
        Close((current.LogProb(actions) - old.LogProb(actions)).exp(), outputs, "ratio_new_over_old_prod");
    }

    [TestCaseSource(nameof(Cases)), Category("Golden")]
    public void Categorical_OfThePeers_GivesThePeersNumbers(string path)
    {
        JsonElement golden = GoldenFiles.Read(path), inputs = golden.GetProperty("inputs").GetProperty("categorical"), outputs = golden.GetProperty("outputs").GetProperty("categorical");
        Tensor actions = GoldenNetworks.Tensor(inputs.GetProperty("actions")), masks = GoldenNetworks.Tensor(inputs.GetProperty("available_actions"));
        CategoricalDistribution masked = CategoricalDistribution.FromLogits(Linear(inputs, "old"), masks);
        CategoricalDistribution old = CategoricalDistribution.FromLogits(Linear(inputs, "old"), null), current = CategoricalDistribution.FromLogits(Linear(inputs, "new"), null);

        Close(masked.LogProb(actions), outputs, "log_prob");
        Close(masked.Entropy(), outputs, "entropy_per_state");
        // HARL's own discrete "KL" is not one; these are exact.
        Close(old.KullbackLeibler(current), outputs, "nomask_exact_kl_old_new");
        Close(current.KullbackLeibler(old), outputs, "nomask_exact_kl_new_old");
    }

    [TestCaseSource(nameof(Cases)), Category("Golden")]
    public void SquashedGaussian_OfThePeers_GivesThePeersNumbers(string path)
    {
        JsonElement golden = GoldenFiles.Read(path), inputs = golden.GetProperty("inputs").GetProperty("squashed"), outputs = golden.GetProperty("outputs").GetProperty("squashed");
        Tensor observations = GoldenNetworks.Tensor(inputs.GetProperty("obs")), noise = GoldenNetworks.Tensor(inputs.GetProperty("noise"));
        using SoftActor actor = GoldenNetworks.Soft(inputs.GetProperty("params"), ActionSpace.Box((int)noise.shape[1], -1, 1));
        double limit = inputs.Number("act_limit");

        (Tensor action, Tensor logProb) = actor.Sample(observations, null, noise);
        Close(action * limit, outputs, "action");
        Close(logProb, outputs, "log_prob");
        Close(actor.Likeliest(observations, null) * limit, outputs, "deterministic_action");
        Close(actor.Sample(observations, null, zeros_like(noise)).LogProb, outputs, "log_prob_at_mean");
    }

    [Test]
    public void SquashedGaussian_OfOneDimension_GivesTheNumbersWorkedByHand()
    {
        // Mean 0.5, standard deviation e^-1, noise 2.
        double z = 0.5 + 2 * Math.Exp(-1), density = -2 + 1 - 0.5 * Math.Log(2 * Math.PI) - Math.Log(1 - Math.Pow(Math.Tanh(z), 2));
        (Tensor action, Tensor logProb) = TanhGaussian.Sample(GoldenNetworks.Double.Tensor([0.5, -1], 1, 2), GoldenNetworks.Double.Tensor([2.0], 1, 1));

        Assert.That(action.ToDoubles()[0], Is.EqualTo(Math.Tanh(z)).Within(1e-12));
        Assert.That(logProb.ToDoubles()[0], Is.EqualTo(density).Within(1e-12));
    }

    [Test]
    public void GumbelSoftmax_Forward_IsTheOneHotOfTheLargestPerturbedLogit()
    {
        Tensor logits = GoldenNetworks.Double.Tensor([1.0, 2, 3], 1, 3), noise = GoldenNetworks.Double.Tensor([2.5, 0, 0], 1, 3);
        double z = Math.E + Math.Exp(2) + Math.Exp(3);
        (Tensor action, Tensor logProb) = GumbelSoftmax.Sample(logits, noise, null);
        (Tensor masked, Tensor maskedLogProb) = GumbelSoftmax.Sample(logits, noise, GoldenNetworks.Double.Tensor([0.0, 1, 1], 1, 3));

        Assert.Multiple(() =>
        {
            Assert.That(action.ToDoubles(), Is.EqualTo(new double[] { 1, 0, 0 }).Within(1e-12));
            Assert.That(logProb.ToDoubles()[0], Is.EqualTo(1 - Math.Log(z)).Within(1e-12));
            Assert.That(masked.ToDoubles(), Is.EqualTo(new double[] { 0, 0, 1 }).Within(1e-12));
            Assert.That(maskedLogProb.ToDoubles()[0], Is.EqualTo(3 - Math.Log(Math.Exp(2) + Math.Exp(3))).Within(1e-12));
            Assert.That(GumbelSoftmax.Likeliest(logits, GoldenNetworks.Double.Tensor([1.0, 1, 0], 1, 3)).ToDoubles(), Is.EqualTo(new double[] { 0, 1, 0 }));
        });
    }

    [Test]
    public void GumbelSoftmax_Backward_HasTheGradientOfTheSoftmax()
    {
        // d/dl_j of w . softmax(l + g), with log-probabilities as logits: p_j (w_j - sum_k p_k w_k); normalising the logits changes nothing.
        double[] logits = [0.2, -0.4, 1.1], noise = [0.3, 0.9, -0.5], weights = [1, -2, 0.5], p = [.. logits.Zip(noise, (l, g) => Math.Exp(l + g))];
        double sum = p.Sum(), mean = p.Zip(weights, (a, w) => a / sum * w).Sum();
        Tensor l = GoldenNetworks.Double.Tensor(logits, 1, 3);
        l.requires_grad = true;
        (GumbelSoftmax.Sample(l, GoldenNetworks.Double.Tensor(noise, 1, 3), null).Action * GoldenNetworks.Double.Tensor(weights, 1, 3)).sum().backward();

        Assert.That(l.grad!.ToDoubles(), Is.EqualTo(p.Zip(weights, (a, w) => a / sum * (w - mean))).Within(1e-12));
    }

    private static GaussianDistribution Gaussian(JsonElement inputs, string which) => new(
        Linear(inputs, which),
        (GoldenNetworks.Tensor(inputs.GetProperty(which).GetProperty("log_std")) / inputs.Number("std_x_coef")).sigmoid() * inputs.Number("std_y_coef"));

    private static Tensor Linear(JsonElement inputs, string which) => nn.functional.linear(
        GoldenNetworks.Tensor(inputs.GetProperty("features")), GoldenNetworks.Tensor(inputs.GetProperty(which).GetProperty("W")), GoldenNetworks.Tensor(inputs.GetProperty(which).GetProperty("b")));

    private static void Close(Tensor actual, JsonElement outputs, string name) => Numeric.AssertClose(actual.ToDoubles(), outputs.Numbers(name), 1e-9, name);
}
