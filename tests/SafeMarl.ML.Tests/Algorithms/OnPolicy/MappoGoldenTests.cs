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

/// <summary>MAPPO, with shared and with separate parameters, HAPPO, and the critics of both and of HATRPO, against a whole training iteration of HARL.</summary>
[Category("Golden")]
public sealed class MappoGoldenTests
{
    private static IEnumerable<TestCaseData> Clipped() => new[] { "e_mappo_shared", "e_mappo_separate", "e_happo" }.SelectMany(kind => GoldenFiles.Cases("on-policy-and-certificates", kind));

    private static IEnumerable<TestCaseData> All() => Clipped().Concat(GoldenFiles.Cases("on-policy-and-certificates", "e_hatrpo"));

    [TestCaseSource(nameof(Clipped))]
    public void UpdatePolicy_OfEveryActor_FollowsTheReference(string path)
    {
        using var scope = NewDisposeScope();
        var golden = new HarlIteration(path);
        int epochs = golden.Hyper.GetProperty("ppo_epoch").GetInt32();
        Tensor factor = ones([golden.Samples(golden.Turns[0], golden.Outputs.GetProperty("actor_updates")[0]).Advantages.shape[0]], dtype: ScalarType.Float64); // M
        for (int turn = 0; turn < golden.Turns.Length; turn++)
        {
            JsonElement[] expected = [.. golden.Outputs.GetProperty("actor_updates").EnumerateArray().Skip(turn * epochs).Take(epochs)];
            JsonElement parameters = golden.Inputs.GetProperty("actors")[golden.IsShared ? 0 : golden.Turns[turn][0]];
            PolicySamples samples = golden.Samples(golden.Turns[turn], expected[0]);
            NetworkShape shape = GoldenShapes.Normalized((int)samples.Observations.shape[1], (int)samples.Actions.shape[1], golden.Inputs.GetProperty("net"));
            var settings = new ClippedSettings(golden.Hyper.Number("clip_param"), golden.Hyper.Number("entropy_coef"), epochs, int.MaxValue);

            // Each epoch from the parts of the update, then the update as a whole.
            using (Actor actor = GoldenNetworks.Actor(parameters, shape, StdParameterization.Sigmoid))
            using (GradientDescent optimizer = golden.Optimizer(actor, "lr"))
            {
                for (int k = 0; k < epochs; k++)
                    AssertEpoch(actor, optimizer, samples, settings, expected[k], $"turn {turn}, epoch {k}");
            }
            using (Actor actor = GoldenNetworks.Actor(parameters, shape, StdParameterization.Sigmoid))
            using (GradientDescent optimizer = golden.Optimizer(actor, "lr"))
            {
                if (golden.HasFactor)
                    Numeric.AssertClose(factor.ToDoubles(), expected[0].Numbers("factor_M"), 1e-8, $"turn {turn}: M");
                Tensor before = actor.Snapshot(samples.Observations, null).LogProb(samples.Actions);
                ClippedUpdate.Run(actor, optimizer, samples, settings, seed: 1, steps: 0, GoldenNetworks.Double);
                JsonElement after = golden.Outputs.GetProperty("actors_after")[golden.IsShared ? 0 : golden.Turns[turn][0]];
                Numeric.AssertClose(GoldenNetworks.Values(actor, after), GoldenNetworks.Numbers(after), 1e-8, $"turn {turn}: parameters");
                factor = factor * (actor.Snapshot(samples.Observations, null).LogProb(samples.Actions) - before).exp();
            }
        }
        if (golden.HasFactor)
            Numeric.AssertClose(factor.ToDoubles(), golden.Outputs.Numbers("factor_after_last_agent"), 1e-8, "M after all agents");
    }

    private static void AssertEpoch(Actor actor, GradientDescent optimizer, PolicySamples samples, ClippedSettings settings, JsonElement expected, string what)
    {
        (Tensor policyLoss, Tensor entropy) = ClippedUpdate.Loss(actor, samples, settings.ClipEpsilon);
        Tensor ratio = (actor.Distribution(samples.Observations, null).LogProb(samples.Actions) - samples.OldLogProbs).exp();
        Numeric.AssertClose(ratio.ToDoubles(), expected.Numbers("imp_weights"), 1e-8, $"{what}: ratio");
        Numeric.AssertClose(policyLoss.ToDouble(), expected.Number("policy_loss"), 1e-8, $"{what}: policy loss");
        Numeric.AssertClose(entropy.ToDouble(), expected.Number("dist_entropy"), 1e-8, $"{what}: entropy");
        double norm = optimizer.Step(policyLoss - entropy * settings.EntropyCoefficient, 0).GradientNorm;
        Numeric.AssertClose(norm, expected.Number("grad_norm"), 1e-8, $"{what}: gradient norm");
        JsonElement gradients = expected.GetProperty("grads_before_clip");
        double clip = Math.Min(1, 10 / (norm + 1e-6));
        Numeric.AssertClose([.. GradientsInPeerOrder(actor).Select(g => g / clip)], gradients.Numbers(), 1e-7, $"{what}: gradients");
    }

    // HARL: body, log_std, mean.
    private static IEnumerable<double> GradientsInPeerOrder(Actor actor)
    {
        var all = actor.named_parameters().ToDictionary(p => p.name, p => p.parameter.grad!.ToDoubles());
        string[] body = [.. all.Keys.Where(n => n != "log_std" && !n.StartsWith("body.output", StringComparison.Ordinal))];
        return body.Append("log_std").Append("body.output.weight").Append("body.output.bias").SelectMany(n => all[n]);
    }

    [TestCaseSource(nameof(All))]
    public void CriticUpdate_OfEveryEpoch_FollowsTheReference(string path)
    {
        using var scope = NewDisposeScope();
        var golden = new HarlIteration(path);
        Tensor states = golden.States();
        Tensor oldValues = GoldenNetworks.Vector(golden.Data.GetProperty("value_preds"));
        double[] returns = golden.Outputs.Numbers("returns");
        ValueNormalizer normalizer = golden.Normalizer();
        NetworkShape shape = GoldenShapes.Normalized((int)states.shape[1], 1, golden.Inputs.GetProperty("net"));
        using DenseModule critic = GoldenNetworks.Dense(golden.Inputs.GetProperty("critic"), shape);
        using GradientDescent optimizer = golden.Optimizer(critic, "critic_lr");
        foreach (JsonElement expected in golden.Outputs.GetProperty("critic_updates").EnumerateArray())
        {
            normalizer.Update<double>(returns);
            Tensor targets = GoldenNetworks.Double.Tensor([.. returns.Select(normalizer.Normalize)], returns.Length);
            Tensor values = critic.forward(states).squeeze(1);
            Tensor loss = ValueLoss.ClippedHuber(values, oldValues, targets, golden.Hyper.Number("clip_param"), golden.Hyper.Number("huber_delta"));
            Numeric.AssertClose(values.ToDoubles(), expected.Numbers("values"), 1e-8, "values");
            Numeric.AssertClose(loss.ToDouble(), expected.Number("value_loss"), 1e-8, "value loss");
            double norm = optimizer.Step(loss, 0).GradientNorm;
            Numeric.AssertClose(norm, expected.Number("grad_norm"), 1e-8, "gradient norm");
            double clip = Math.Min(1, golden.Hyper.Number("max_grad_norm") / (norm + 1e-6));
            Numeric.AssertClose([.. GoldenNetworks.Gradients(critic).Select(g => g / clip)], expected.Numbers("grads_before_clip"), 1e-7, "gradients");
        }
        Numeric.AssertClose(GoldenNetworks.Values(critic), GoldenNetworks.Numbers(golden.Outputs.GetProperty("critic_after")), 1e-8, "parameters");
        ValueNormalizer after = HarlIteration.Normalizer("valuenorm_after", golden.Outputs);
        Numeric.AssertClose([normalizer.Mean, normalizer.Std], [after.Mean, after.Std], 1e-9, "normaliser");
    }

    [TestCaseSource(nameof(All))]
    public void Critic_FittedAsAWhole_EndsAtTheReference(string path)
    {
        using var scope = NewDisposeScope();
        var golden = new HarlIteration(path);
        var single = new Placement(CPU, ScalarType.Float32);
        double[] states = golden.States().ToDoubles();
        int samples = golden.Outputs.Numbers("returns").Length;
        NetworkShape shape = GoldenShapes.Normalized(states.Length / samples, 1, golden.Inputs.GetProperty("net"));
        using var critic = new Critic("reward", "all", new CriticSettings(
            shape, golden.Hyper.Number("critic_lr"), golden.Hyper.Number("opti_eps"), golden.Hyper.Number("max_grad_norm"), golden.Hyper.GetProperty("critic_epoch").GetInt32(),
            samples, NormalizeValues: true, golden.Hyper.Number("clip_param"), golden.Hyper.Number("huber_delta")), seed: 1, single);
        GoldenNetworks.Load(critic.Network, golden.Inputs.GetProperty("critic"));
        golden.Restore(critic.Normalizer!);
        float[] old = [.. golden.Data.Numbers("value_preds").Select(v => (float)v)], returns = [.. golden.Outputs.Numbers("returns").Select(v => (float)v)];
        Critic.Fit([new Critic.Lesson(critic, single.Tensor(states, samples, shape.Inputs), old, returns)], seed: 1, steps: 0);

        Numeric.AssertClose(GoldenNetworks.Values(critic.Network), GoldenNetworks.Numbers(golden.Outputs.GetProperty("critic_after")), 2e-4, "parameters in float32");
    }
}
