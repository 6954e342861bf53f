using System.Text.Json;
using SafeMarl.ML.Algorithms.OnPolicy;
using SafeMarl.ML.Losses;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Optimization;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Returns;
using SafeMarl.ML.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Algorithms.OnPolicy;

/// <summary>The critics of MACPO's, MAPPO-Lagrangian's and SafePO's code, mistakes included.</summary>
[Category("Golden")]
public sealed class PublishedCriticGoldenTests
{
    private const double Tolerance = 1e-6; // the peers keep the sum of their normaliser's weights in float32

    private static IEnumerable<TestCaseData> Cases() => new[] { "c_mappo_lagrangian", "d_macpo" }.SelectMany(kind => GoldenFiles.Cases("on-policy-and-certificates", kind));

    [TestCaseSource(nameof(Cases))]
    public void Critics_OfRewardAndCost_FollowTheReference(string path)
    {
        using var scope = NewDisposeScope();
        JsonElement golden = GoldenFiles.Read(path), inputs = golden.GetProperty("inputs"), outputs = golden.GetProperty("outputs"), batch = inputs.GetProperty("batch"), hyper = inputs.GetProperty("hyper");
        JsonElement[] steps = outputs.TryGetProperty("steps", out JsonElement several) ? [.. several.EnumerateArray()] : [outputs];
        bool masked = !hyper.TryGetProperty("masked_value_loss", out JsonElement flag) || flag.GetBoolean();
        Tensor states = GoldenNetworks.Tensor(batch.GetProperty("share_obs"));
        Tensor? weights = masked ? GoldenNetworks.Vector(batch.GetProperty("active_masks")) : null;
        string activation = hyper.TryGetProperty("activation", out JsonElement name) ? name.GetString()! : "relu";
        var normalizer = new ValueNormalizer();
        using var reward = new Learner(inputs.GetProperty("critic"), hyper, activation);
        using var cost = new Learner(inputs.GetProperty("cost_critic"), hyper, activation);
        foreach (JsonElement expected in steps)
        {
            (double loss, double norm) = reward.Step(states, batch, "value_preds", "returns", normalizer, weights);
            (double costLoss, double costNorm) = cost.Step(states, batch, "cost_preds", "cost_returns", normalizer, weights);

            Numeric.AssertClose(loss, expected.Number("value_loss"), Tolerance, "value loss");
            Numeric.AssertClose(norm, expected.Number("critic_grad_norm"), Tolerance, "gradient norm");
            if (expected.TryGetProperty("cost_loss", out JsonElement expectedCostLoss))
                Numeric.AssertClose(costLoss, expectedCostLoss.Number(), Tolerance, "cost loss");
            Numeric.AssertClose(costNorm, expected.Number("cost_grad_norm"), Tolerance, "cost gradient norm");
            reward.AssertIsAt(expected.GetProperty("critic_after"), "critic");
            cost.AssertIsAt(expected.GetProperty("cost_critic_after"), "cost critic");
            JsonElement state = expected.GetProperty("popart_after");
            var after = new ValueNormalizer();
            after.Restore(state.Numbers("running_mean")[0], state.Numbers("running_mean_sq")[0], state.Number("debiasing_term"));
            Numeric.AssertClose([normalizer.Mean, normalizer.Std], [after.Mean, after.Std], Tolerance, "normaliser");
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void Critics_FittedTogether_DoWhatTheirPartsDo(string path)
    {
        // In float32 and without masks, which training has not.
        using var scope = NewDisposeScope();
        JsonElement inputs = GoldenFiles.Read(path).GetProperty("inputs"), batch = inputs.GetProperty("batch"), hyper = inputs.GetProperty("hyper");
        string activation = hyper.TryGetProperty("activation", out JsonElement name) ? name.GetString()! : "relu";
        var single = new Placement(CPU, ScalarType.Float32);
        double[] states = batch.GetProperty("share_obs").Numbers();
        int samples = batch.GetProperty("share_obs").GetArrayLength();
        ValueNormalizer expectedNormalizer = new(), normalizer = new();
        var critics = new List<Critic>();
        var lessons = new List<Critic.Lesson>();
        var learners = new List<Learner>();
        foreach ((string which, string old, string returns) in new[] { ("critic", "value_preds", "returns"), ("cost_critic", "cost_preds", "cost_returns") })
        {
            learners.Add(new Learner(inputs.GetProperty(which), hyper, activation));
            learners[^1].Step(GoldenNetworks.Tensor(batch.GetProperty("share_obs")), batch, old, returns, expectedNormalizer, null);
            critics.Add(new Critic(which, "agent", new CriticSettings(
                learners[^1].Shape, hyper.Number("critic_lr"), hyper.Number("adam_eps"), hyper.Number("max_grad_norm"), 1, samples, NormalizeValues: true, hyper.Number("clip_param"),
                hyper.Number("huber_delta"), Published: true), seed: 1, single, normalizer));
            GoldenNetworks.Load(critics[^1].Network, Learner.Used(inputs.GetProperty(which)));
            lessons.Add(new Critic.Lesson(critics[^1], single.Tensor(states, samples, states.Length / samples), Floats(old), Floats(returns)));
        }
        Critic.Fit(lessons, seed: 1, steps: 0);

        for (int i = 0; i < critics.Count; i++)
            Numeric.AssertClose(GoldenNetworks.Values(critics[i].Network), GoldenNetworks.Values(learners[i].Network), 2e-4, $"critic {i}");
        Numeric.AssertClose([normalizer.Mean, normalizer.Std], [expectedNormalizer.Mean, expectedNormalizer.Std], 1e-5, "normaliser");
        critics.ForEach(c => c.Dispose());
        learners.ForEach(l => l.Dispose());

        float[] Floats(string values) => [.. batch.Numbers(values).Select(v => (float)v)];
    }

    private sealed class Learner : IDisposable
    {
        private readonly JsonElement _hyper;
        private readonly GradientDescent _optimizer;

        public Learner(JsonElement parameters, JsonElement hyper, string activation)
        {
            _hyper = hyper;
            Shape = GoldenShapes.Normalized((int)hyper.Number("share_obs"), 1, parameters, activation);
            Network = GoldenNetworks.Dense(Used(parameters), Shape);
            _optimizer = new GradientDescent(Network, hyper.Number("critic_lr"), hyper.Number("adam_eps"), hyper.Number("max_grad_norm"), "agent", "critic");
        }

        public NetworkShape Shape { get; }

        public DenseModule Network { get; }

        public (double Loss, double Norm) Step(Tensor states, JsonElement batch, string old, string returns, ValueNormalizer normalizer, Tensor? weights)
        {
            double[] targets = batch.Numbers(returns);
            Tensor clipped = Normalized(), plain = Normalized(), values = Network.forward(states).squeeze(1);
            return _optimizer.Step(ValueLoss.PublishedClippedHuber(
                values, GoldenNetworks.Vector(batch.GetProperty(old)), clipped, plain, _hyper.Number("clip_param"), _hyper.Number("huber_delta"), weights), 0);

            Tensor Normalized()
            {
                normalizer.Update<double>(targets);
                return GoldenNetworks.Double.Tensor([.. targets.Select(normalizer.Normalize)], targets.Length);
            }
        }

        public void AssertIsAt(JsonElement parameters, string what)
        {
            JsonElement used = Used(parameters);
            Numeric.AssertClose(GoldenNetworks.Values(Network), GoldenNetworks.Numbers(used), Tolerance, $"{what}: parameters");
        }

        // The official network of MAPPO-Lagrangian creates layers that it never uses.
        public static JsonElement Used(JsonElement parameters) => JsonSerializer.SerializeToElement(
            parameters.EnumerateArray().Where(p => !p.GetProperty("name").GetString()!.Contains("fc_h", StringComparison.Ordinal)));

        public void Dispose()
        {
            _optimizer.Dispose();
            Network.Dispose();
        }
    }
}
