using System.Text.Json;
using SafeMarl.ML.Algorithms.OnPolicy;
using SafeMarl.ML.Constraints;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Optimization;
using SafeMarl.ML.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Algorithms.OnPolicy;

/// <summary>MACPO's step against the official code, that code with a correct divergence, and SafePO's.</summary>
[Category("Golden")]
public sealed class MacpoGoldenTests
{
    private static IEnumerable<TestCaseData> Cases() => GoldenFiles.Cases("on-policy-and-certificates", "d_macpo");

    [TestCaseSource(nameof(Cases))]
    public void Step_OnAMinibatch_FollowsTheReference(string path)
    {
        using var scope = NewDisposeScope();
        var golden = new Minibatch(path);
        using Actor actor = golden.Actor();
        JsonElement outputs = golden.Outputs, order = golden.Inputs.GetProperty("actor");
        AssertParts(golden, actor);

        double excess = (golden.Inputs.Number("aver_episode_costs") - golden.Hyper.Number("safety_bound")) * (1 - golden.Hyper.Number("gamma"));
        Numeric.AssertClose(excess, outputs.Number("rescale_constraint_val_c"), 1e-9, "c");
        Macpo.PolicyStep step = Macpo.Step(actor, golden.Samples, [excess], golden.Options, threads: 1, steps: 0, "agent");

        Assert.That((int)step.Constraints.Case, Is.EqualTo(outputs.GetProperty("optim_case").GetInt32()), "case");
        Numeric.AssertClose(step.Constraints.Lambda, outputs.Number("lam"), 1e-6, "lambda");
        Numeric.AssertClose(step.Constraints.Nu[0], outputs.Number("nu"), 1e-6, "nu");
        Numeric.AssertClose(GoldenNetworks.ToOrder(actor, order, step.Direction.ToDoubles()), outputs.Numbers("step_x_used"), 1e-6, "x");
        Assert.That(step.Trial is not null, Is.EqualTo(outputs.GetProperty("line_search_accepted").GetBoolean()), "accepted");
        if (step.Trial is not null)
            Assert.That(step.Trial, Is.EqualTo(outputs.GetProperty("line_search_index").GetInt32()), "fraction");
        Numeric.AssertClose(step.Divergence, outputs.Number("kl_last"), 1e-6, "divergence");
        Numeric.AssertClose(step.RewardLoss, outputs.Number("reward_loss_old"), 1e-9, "reward loss");
        Numeric.AssertClose(GoldenNetworks.ToOrder(actor, order, new FlatParameters(actor).Values().ToDoubles()), outputs.Numbers("flat_params_after"), 1e-6, "parameters");
    }

    // Everything on the way, from the parts that the step is made of.
    private static void AssertParts(Minibatch golden, Actor actor)
    {
        JsonElement outputs = golden.Outputs, order = golden.Inputs.GetProperty("actor");
        var parameters = new FlatParameters(actor);
        Numeric.AssertClose(GoldenNetworks.ToOrder(actor, order, parameters.Values().ToDoubles()), outputs.Numbers("flat_params_before"), 1e-12, "parameters before");

        IReadOnlyList<Func<Tensor>> divergence = PolicySurrogates.Divergence(actor, golden.Samples, golden.Options.Divergence);
        Tensor value = divergence[0]();
        Numeric.AssertClose(value.ToDouble(), outputs.Number("kl_value_at_old"), 1e-12, "divergence at the old policy");
        Numeric.AssertClose(GoldenNetworks.ToOrder(actor, order, parameters.Gradient(value).ToDoubles()), outputs.Numbers("kl_gradient_at_old"), 1e-9, "its gradient");
        using var curvature = new CurvatureProduct(parameters, divergence, golden.Options.Damping, threads: 1);
        double[] vector = GoldenNetworks.FromOrder(actor, order, outputs.Numbers("hvp_input"));
        Tensor product = curvature.Apply(GoldenNetworks.Double.Tensor(vector, vector.Length));
        Numeric.AssertClose(GoldenNetworks.ToOrder(actor, order, product.ToDoubles()), outputs.Numbers("hvp_output_incl_damping"), 1e-9, "curvature times a vector");

        Tensor[] losses = Macpo.Losses(actor.Distribution(golden.Samples.Observations, null), golden.Samples, golden.Options);
        Numeric.AssertClose(losses[1].ToDouble(), outputs.Number("cost_loss_old"), 1e-9, "cost loss");
        Tensor g = parameters.Gradient(losses[0]), b = parameters.Gradient(losses[1]);
        Numeric.AssertClose(GoldenNetworks.ToOrder(actor, order, g.ToDoubles()), outputs.Numbers("g_reward_loss_grad"), 1e-9, "g");
        Numeric.AssertClose(GoldenNetworks.ToOrder(actor, order, b.ToDoubles()), outputs.Numbers("b_cost_grad"), 1e-9, "b");
        Tensor u = ConjugateGradient.Solve(curvature.Apply, g, golden.Options.ConjugateGradientIterations, golden.Hyper.Number("cg_tol"));
        Tensor w = ConjugateGradient.Solve(curvature.Apply, b, golden.Options.ConjugateGradientIterations, golden.Hyper.Number("cg_tol"));
        Numeric.AssertClose(GoldenNetworks.ToOrder(actor, order, u.ToDoubles()), outputs.Numbers("H_inv_g_cg"), 1e-6, "H^-1 g");
        Numeric.AssertClose(g.Dot(u), outputs.Number("q"), 1e-6, "q");
        if (b.Dot(b) <= 1e-8)
            return; // the peers' conjugate gradients of nothing are not numbers
        Numeric.AssertClose(GoldenNetworks.ToOrder(actor, order, w.ToDoubles()), outputs.Numbers("H_inv_b_cg"), 1e-6, "H^-1 b");
        Numeric.AssertClose([g.Dot(w), b.Dot(w)], [outputs.Number("r"), outputs.Number("s")], 1e-6, "r, s");
    }

    private sealed class Minibatch
    {
        public Minibatch(string path)
        {
            JsonElement golden = GoldenFiles.Read(path), batch = golden.GetProperty("inputs").GetProperty("batch");
            (Inputs, Outputs) = (golden.GetProperty("inputs"), golden.GetProperty("outputs"));
            bool safePo = Hyper.GetProperty("flavour").GetString() == "safepo";
            Options = MacpoOptions.Published;
            Options.KlThreshold = Hyper.Number("kl_threshold");
            Options.StepFraction = Hyper.Number("fraction_coef");
            Options.LineSearchDecay = Hyper.Number("line_search_fraction");
            Options.LineSearchSteps = (int)Hyper.Number("ls_step");
            Options.ConjugateGradientIterations = (int)Hyper.Number("cg_iters");
            Options.Damping = Hyper.Number("damping");
            Options.MaxStepNorm = Hyper.Number("x_norm_cap");
            Options.Ratio = safePo ? ActionRatio.Product : ActionRatio.PerDimension;
            Options.Divergence = Hyper.GetProperty("flavour").GetString() == "fixed_kl" ? DivergenceFormula.Exact : DivergenceFormula.Published;
            Samples = new SurrogateSamples(
                GoldenNetworks.Tensor(batch.GetProperty("obs")), null, GoldenNetworks.Tensor(batch.GetProperty("actions")), GoldenNetworks.Tensor(batch.GetProperty("old_action_log_probs")),
                GoldenNetworks.Tensor(batch.GetProperty("factor")), GoldenNetworks.Vector(batch.GetProperty("adv")), [GoldenNetworks.Vector(batch.GetProperty("cost_adv"))],
                Hyper.GetProperty("reward_and_cost_mean").GetString() == "plain mean" ? null : GoldenNetworks.Vector(batch.GetProperty("active_masks")));
        }

        public JsonElement Inputs { get; }

        public JsonElement Outputs { get; }

        public JsonElement Hyper => Inputs.GetProperty("hyper");

        public MacpoOptions Options { get; }

        public SurrogateSamples Samples { get; }

        public Actor Actor()
        {
            JsonElement parameters = Inputs.GetProperty("actor");
            var shape = GoldenShapes.Normalized((int)Hyper.Number("obs"), (int)Hyper.Number("act"), parameters, Hyper.GetProperty("activation").GetString()!);
            return GoldenNetworks.Actor(parameters, shape, StdParameterization.Sigmoid);
        }
    }
}
