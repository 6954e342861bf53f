using System.Text.Json;
using SafeMarl.ML.Algorithms.OnPolicy;
using SafeMarl.ML.Constraints;
using SafeMarl.ML.Losses;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Optimization;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Algorithms.OnPolicy;

/// <summary>The policy update of MAFOCOPS against the official FOCOPS code, agent after agent.</summary>
[Category("Golden")]
public sealed class MafocopsGoldenTests
{
    private static IEnumerable<TestCaseData> Cases() =>
        GoldenFiles.Cases("on-policy-and-certificates", "f_mafocops").Concat(GoldenFiles.Cases("on-policy-and-certificates", "f_focops_single"));

    [TestCaseSource(nameof(Cases))]
    public void UpdatePolicy_OfEachAgentInTurn_FollowsTheReference(string path)
    {
        using var scope = NewDisposeScope();
        JsonElement golden = GoldenFiles.Read(path), inputs = golden.GetProperty("inputs"), hyper = inputs.GetProperty("hyper"), data = inputs.GetProperty("data");
        Tensor factor = ones_like(GoldenNetworks.Vector(data.GetProperty("adv")));
        foreach (JsonElement expected in golden.GetProperty("outputs").GetProperty("agents").EnumerateArray())
        {
            int agent = expected.GetProperty("agent").GetInt32();
            Tensor observations = GoldenNetworks.Tensor(data.GetProperty("obs")[agent]), actions = GoldenNetworks.Tensor(data.GetProperty("actions")[agent]);
            JsonElement parameters = inputs.GetProperty("policies")[agent];
            NetworkShape shape = GoldenShapes.Tanh((int)observations.shape[1], (int)actions.shape[1], parameters);

            var multiplier = new LagrangeMultiplier(hyper.Number("nu0"), hyper.Number("nu_lr"), hyper.Number("nu_max"), hyper.Number("cost_lim"));
            multiplier.Update(data.GetProperty("avg_cost")[agent].Number());
            Numeric.AssertClose(multiplier.Value, expected.Number("nu_after"), 1e-12, $"agent {agent}: multiplier");

            Numeric.AssertClose(factor.ToDoubles(), expected.Numbers("M_before"), 1e-9, $"agent {agent}: M");
            Tensor reward = GoldenNetworks.Vector(data.GetProperty("adv")), cost = GoldenNetworks.Vector(data.GetProperty("cost_adv")[agent]);
            Numeric.AssertClose(FocopsLoss.Advantage(factor, reward, []).ToDoubles(), expected.Numbers("effective_reward_advantage"), 1e-9, $"agent {agent}: M A");
            Tensor advantage = FocopsLoss.Advantage(factor, reward, [(cost, multiplier.Value)]);

            AssertEpochs(shape, parameters, observations, actions, advantage, hyper, expected, $"agent {agent}");

            using Actor actor = GoldenNetworks.Actor(parameters, shape, StdParameterization.Exponential);
            using GradientDescent optimizer = Optimizer(actor, hyper);
            var options = new MafocopsOptions
            {
                Lambda = hyper.Number("lam"), Delta = hyper.Number("delta_early_stop"), Epochs = hyper.GetProperty("num_epochs").GetInt32(), MinibatchSize = int.MaxValue,
            };
            Assert.That(hyper.Number("eta_indicator_threshold"), Is.EqualTo(options.Delta), "one threshold for both, as in the paper");
            Mafocops.PolicyUpdate update = Mafocops.UpdatePolicy(actor, optimizer, observations, null, actions, advantage, options, seed: 1, steps: 0, GoldenNetworks.Double);

            Assert.That(update.Epochs, Is.EqualTo(expected.GetProperty("epochs_run").GetInt32()), $"agent {agent}: epochs before the early stop");
            Numeric.AssertClose(update.KullbackLeibler, expected.Number("final_mean_kl_new_old"), 1e-9, $"agent {agent}: final KL");
            Numeric.AssertClose(update.Ratio.ToDoubles(), expected.Numbers("ratio_new_old_after"), 1e-9, $"agent {agent}: final ratio");
            JsonElement after = expected.GetProperty("policy_after");
            Numeric.AssertClose(GoldenNetworks.Values(actor, after), GoldenNetworks.Numbers(after), 1e-9, $"agent {agent}: parameters");
            factor = factor * update.Ratio;
        }

        Numeric.AssertClose(factor.ToDoubles(), golden.GetProperty("outputs").Numbers("M_after_all"), 1e-9, "M after all agents");
    }

    // What each epoch sees before its step, from the same parts that UpdatePolicy is made of.
    private static void AssertEpochs(
        NetworkShape shape, JsonElement parameters, Tensor observations, Tensor actions, Tensor advantage, JsonElement hyper, JsonElement expected, string who)
    {
        using Actor actor = GoldenNetworks.Actor(parameters, shape, StdParameterization.Exponential);
        using Actor before = GoldenNetworks.Actor(parameters, shape, StdParameterization.Exponential);
        using GradientDescent optimizer = Optimizer(actor, hyper);
        (IDistribution old, Tensor oldLogProb) = WithoutGradient(() => { IDistribution d = before.Distribution(observations, null); return (d, d.LogProb(actions)); });
        Numeric.AssertClose(oldLogProb.ToDoubles(), expected.Numbers("old_logprob"), 1e-9, $"{who}: old log-probability");
        foreach ((JsonElement epoch, int k) in expected.GetProperty("epochs").EnumerateArray().Select((e, k) => (e, k)))
        {
            IDistribution current = actor.Distribution(observations, null);
            Tensor logProb = current.LogProb(actions), ratio = (logProb - oldLogProb).exp(), kl = current.KullbackLeibler(old);
            Tensor loss = FocopsLoss.PerSample(kl, ratio, advantage, hyper.Number("lam"), hyper.Number("eta_indicator_threshold"), FocopsIndicator.WholeBracket).mean();
            Numeric.AssertClose(logProb.ToDoubles(), epoch.Numbers("logprob"), 1e-9, $"{who}, epoch {k}: log-probability");
            Numeric.AssertClose(kl.ToDoubles(), epoch.Numbers("kl_new_old"), 1e-9, $"{who}, epoch {k}: KL");
            Numeric.AssertClose(ratio.ToDoubles(), epoch.Numbers("ratio"), 1e-9, $"{who}, epoch {k}: ratio");
            Numeric.AssertClose(loss.ToDouble(), epoch.Number("loss"), 1e-9, $"{who}, epoch {k}: loss");
            optimizer.Step(loss, 0);
            Numeric.AssertClose(GoldenNetworks.Gradients(actor, parameters), epoch.Numbers("grads_after_clip"), 1e-9, $"{who}, epoch {k}: gradients");
        }
    }

    private static T WithoutGradient<T>(Func<T> compute)
    {
        using IDisposable guard = no_grad();
        return compute();
    }

    private static GradientDescent Optimizer(Actor actor, JsonElement hyper) =>
        new(actor, hyper.Number("pi_lr"), hyper.Number("adam_eps"), hyper.Number("grad_clip"), "agent", "policy");
}
