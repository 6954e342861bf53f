using System.Text.Json;
using SafeMarl.ML.Algorithms.OnPolicy;
using SafeMarl.ML.Constraints;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Optimization;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Algorithms.OnPolicy;

/// <summary>The policy and the multiplier of MAPPO-Lagrangian as published against the official code, one minibatch after the other.</summary>
[Category("Golden")]
public sealed class MappoLagrangianGoldenTests
{
    private static IEnumerable<TestCaseData> Cases() => GoldenFiles.Cases("on-policy-and-certificates", "c_mappo_lagrangian");

    [TestCaseSource(nameof(Cases))]
    public void Update_OfPolicyAndMultiplier_FollowsTheReference(string path)
    {
        using var scope = NewDisposeScope();
        var golden = new Reference(path);
        using Actor actor = golden.Actor();
        using GradientDescent optimizer = golden.Optimizer(actor);
        LagrangeMultiplier multiplier = golden.Multiplier();
        foreach ((JsonElement expected, int k) in golden.Steps.Select((e, k) => (e, k)))
        {
            LagrangianUpdate.Objective objective = LagrangianUpdate.Evaluate(actor, golden.Samples, [multiplier.Value], golden.Settings(1));
            Numeric.AssertClose(objective.Ratio.ToDoubles(), expected.Numbers("imp_weights"), 1e-9, $"step {k}: ratio");
            Numeric.AssertClose(objective.PolicyLoss.ToDouble(), expected.Number("policy_loss"), 1e-9, $"step {k}: policy loss");
            Numeric.AssertClose(objective.Entropy.ToDouble(), expected.Number("dist_entropy"), 1e-9, $"step {k}: entropy");
            double[] changes = LagrangianUpdate.CostChanges(objective.Ratio, golden.Samples);
            double norm = optimizer.Step(objective.PolicyLoss - objective.Entropy * golden.Hyper.Number("entropy_coef"), 0).GradientNorm;
            Numeric.AssertClose(norm, expected.Number("actor_grad_norm"), 1e-9, $"step {k}: gradient norm");
            Numeric.AssertClose(-(golden.Excess * (1 - golden.Hyper.Number("gamma")) + changes[0]), expected.Number("delta_lamda"), 1e-9, $"step {k}: the multiplier's gradient");
            MappoLagrangian.Ascend([multiplier], [golden.Excess], changes, golden.Hyper.Number("gamma"));
            Numeric.AssertClose(multiplier.Value, expected.Number("lamda_after"), 1e-9, $"step {k}: multiplier");
            Reference.AssertActor(actor, expected.GetProperty("actor_after"), $"step {k}");
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void Run_ForAsManyEpochs_EndsAtTheReference(string path)
    {
        using var scope = NewDisposeScope();
        var golden = new Reference(path);
        using Actor actor = golden.Actor();
        using GradientDescent optimizer = golden.Optimizer(actor);
        LagrangeMultiplier multiplier = golden.Multiplier();
        LagrangianUpdate.Run(
            actor, optimizer, golden.Samples, () => [multiplier.Value], golden.Settings(golden.Steps.Length), seed: 1, steps: 0, GoldenNetworks.Double,
            changes => MappoLagrangian.Ascend([multiplier], [golden.Excess], changes, golden.Hyper.Number("gamma")));

        Numeric.AssertClose(multiplier.Value, golden.Steps[^1].Number("lamda_after"), 1e-9, "multiplier");
        Reference.AssertActor(actor, golden.Steps[^1].GetProperty("actor_after"), "at the end");
    }

    private sealed class Reference
    {
        private readonly JsonElement _inputs;

        public Reference(string path)
        {
            JsonElement golden = GoldenFiles.Read(path), batch = golden.GetProperty("inputs").GetProperty("batch");
            _inputs = golden.GetProperty("inputs");
            Steps = [.. golden.GetProperty("outputs").GetProperty("steps").EnumerateArray()];
            Excess = batch.Number("aver_episode_costs") - Hyper.Number("safety_bound");
            Samples = new SurrogateSamples(
                GoldenNetworks.Tensor(batch.GetProperty("obs")), null, GoldenNetworks.Tensor(batch.GetProperty("actions")), GoldenNetworks.Tensor(batch.GetProperty("old_action_log_probs")),
                GoldenNetworks.Tensor(batch.GetProperty("factor")), GoldenNetworks.Vector(batch.GetProperty("adv")), [GoldenNetworks.Vector(batch.GetProperty("cost_adv"))],
                GoldenNetworks.Vector(batch.GetProperty("active_masks")));
        }

        public JsonElement Hyper => _inputs.GetProperty("hyper");

        public JsonElement[] Steps { get; }

        public double Excess { get; }

        public SurrogateSamples Samples { get; }

        public LagrangianSettings Settings(int epochs)
        {
            MappoLagrangianOptions published = MappoLagrangianOptions.Published;
            return new LagrangianSettings(new ClippedSettings(Hyper.Number("clip_param"), Hyper.Number("entropy_coef"), epochs, int.MaxValue), published.Ratio, published.WeighCosts);
        }

        public LagrangeMultiplier Multiplier() =>
            new(Hyper.Number("lamda_lagr"), Hyper.Number("lagrangian_coef_rate"), MappoLagrangianOptions.Published.MaxMultiplier, Hyper.Number("safety_bound"));

        public Actor Actor()
        {
            NetworkShape shape = GoldenShapes.Normalized((int)Hyper.Number("obs"), (int)Hyper.Number("act"), _inputs.GetProperty("actor"), "relu");
            return GoldenNetworks.Actor(Used(_inputs.GetProperty("actor")), shape, StdParameterization.Sigmoid);
        }

        public GradientDescent Optimizer(Actor actor) => new(actor, Hyper.Number("lr"), Hyper.Number("adam_eps"), Hyper.Number("max_grad_norm"), "agent", "policy");

        public static void AssertActor(Actor actor, JsonElement expected, string what)
        {
            JsonElement used = Used(expected);
            Numeric.AssertClose(GoldenNetworks.Values(actor, used), GoldenNetworks.Numbers(used), 1e-9, $"{what}: parameters");
        }

        // The official network creates layers that it never uses.
        private static JsonElement Used(JsonElement parameters) => JsonSerializer.SerializeToElement(
            parameters.EnumerateArray().Where(p => !p.GetProperty("name").GetString()!.Contains("fc_h", StringComparison.Ordinal)));
    }
}
