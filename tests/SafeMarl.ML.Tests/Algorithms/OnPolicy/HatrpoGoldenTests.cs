using System.Text.Json;
using SafeMarl.ML.Algorithms.OnPolicy;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Optimization;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Algorithms.OnPolicy;

/// <summary>HATRPO's turns against a whole training iteration of HARL.</summary>
[Category("Golden")]
public sealed class HatrpoGoldenTests
{
    private static IEnumerable<TestCaseData> Cases() => GoldenFiles.Cases("on-policy-and-certificates", "e_hatrpo");

    [TestCaseSource(nameof(Cases))]
    public void Step_OfEachAgentInTurn_FollowsTheReference(string path)
    {
        using var scope = NewDisposeScope();
        var golden = new HarlIteration(path);
        var options = new HatrpoOptions
        {
            KlThreshold = golden.Hyper.Number("kl_threshold"), LineSearchSteps = (int)golden.Hyper.Number("ls_step"), AcceptRatio = golden.Hyper.Number("accept_ratio"),
            LineSearchDecay = golden.Hyper.Number("backtrack_coeff"),
        };
        Tensor? factor = null;
        for (int turn = 0; turn < golden.Turns.Length; turn++)
        {
            int agent = golden.Turns[turn][0];
            JsonElement expected = golden.Outputs.GetProperty("actor_updates")[turn], order = golden.Inputs.GetProperty("actors")[agent];
            SurrogateSamples samples = golden.Surrogates(agent, expected);
            factor ??= ones_like(samples.Factor);
            Numeric.AssertClose(factor.ToDoubles(), expected.Numbers("factor_M"), 1e-6, $"turn {turn}: M");
            NetworkShape shape = GoldenShapes.Normalized((int)samples.Observations.shape[1], (int)samples.Actions.shape[1], golden.Inputs.GetProperty("net"));
            using Actor actor = GoldenNetworks.Actor(order, shape, StdParameterization.Sigmoid);
            AssertParts(actor, order, samples, options, expected, $"turn {turn}");

            Tensor before = actor.Snapshot(samples.Observations, null).LogProbs(samples.Actions);
            Hatrpo.PolicyStep step = Hatrpo.Step(actor, samples, options, threads: 1, steps: 0, "agent");

            Numeric.AssertClose(GoldenNetworks.ToOrder(actor, order, step.Full.ToDoubles()), expected.Numbers("full_step"), 1e-6, $"turn {turn}: whole step");
            Assert.That(step.Trial is not null, Is.EqualTo(expected.GetProperty("accepted").GetBoolean()), $"turn {turn}: accepted");
            if (step.Trial is not null)
                Assert.That(step.Trial, Is.EqualTo(expected.GetProperty("line_search_index").GetInt32()), $"turn {turn}: fraction");
            Numeric.AssertClose(step.Divergence, expected.Number("kl"), 1e-6, $"turn {turn}: KL");
            Numeric.AssertClose(step.Gain, expected.Number("loss_improve"), 1e-6, $"turn {turn}: gain");
            JsonElement after = golden.Outputs.GetProperty("actors_after")[agent];
            Numeric.AssertClose(GoldenNetworks.Values(actor, after), GoldenNetworks.Numbers(after), 1e-6, $"turn {turn}: parameters");
            factor = factor * PolicySurrogates.Ratio(actor.Snapshot(samples.Observations, null).LogProbs(samples.Actions), before, ActionRatio.Product);
        }
        Numeric.AssertClose(factor!.ToDoubles(), golden.Outputs.Numbers("factor_after_last_agent"), 1e-6, "M after all agents");
    }

    private static void AssertParts(Actor actor, JsonElement order, SurrogateSamples samples, HatrpoOptions options, JsonElement expected, string what)
    {
        var parameters = new FlatParameters(actor);
        Tensor ratio = PolicySurrogates.Ratio(actor.Distribution(samples.Observations, null).LogProbs(samples.Actions), samples.OldLogProbs, ActionRatio.Product);
        Tensor surrogate = PolicySurrogates.Mean(ratio, samples.Factor, samples.Reward, samples.Weights);
        Numeric.AssertClose(surrogate.ToDouble(), expected.Number("loss_before"), 1e-8, $"{what}: surrogate");
        Tensor gradient = parameters.Gradient(surrogate);
        Numeric.AssertClose(GoldenNetworks.ToOrder(actor, order, gradient.ToDoubles()), expected.Numbers("loss_grad"), 1e-8, $"{what}: gradient");
        using var curvature = new CurvatureProduct(parameters, PolicySurrogates.Divergence(actor, samples, DivergenceFormula.Exact), options.Damping, threads: 1);
        Tensor x = ConjugateGradient.Solve(curvature.Apply, gradient, options.ConjugateGradientIterations, 1e-10);
        Numeric.AssertClose(GoldenNetworks.ToOrder(actor, order, x.ToDoubles()), expected.Numbers("step_dir_cg"), 1e-6, $"{what}: H^-1 g");
        Numeric.AssertClose(GoldenNetworks.ToOrder(actor, order, curvature.Apply(x).ToDoubles()), expected.Numbers("fvp_of_step_dir"), 1e-6, $"{what}: H x");
        Numeric.AssertClose(0.5 * x.Dot(curvature.Apply(x)), expected.GetProperty("shs").Numbers()[0], 1e-6, $"{what}: x.H x / 2");
    }
}
