using System.Text.Json;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Algorithms.OffPolicy;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Tests.Support;
using TorchSharp;
using static SafeMarl.ML.Tests.Algorithms.OffPolicy.Mas3acReference;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Algorithms.OffPolicy;

/// <summary>Whole iterations of MAS3AC against the reference that was written from the paper.</summary>
[Category("Golden")]
public sealed class Mas3acGoldenTests
{
    private const double Tolerance = 1e-9;

    private static IEnumerable<TestCaseData> Iterations() =>
        GoldenFiles.Cases("on-policy-and-certificates", "i_mas3ac").Where(c => !IsAblation(c));

    private static IEnumerable<TestCaseData> Ablations() =>
        from file in GoldenFiles.Cases("on-policy-and-certificates", "i_mas3ac").Where(IsAblation)
        from ablation in GoldenFiles.Read((string)file.Arguments[0]!).GetProperty("inputs").GetProperty("switches").EnumerateObject()
        select new TestCaseData(file.Arguments[0], ablation.Name).SetArgDisplayNames($"{Path.GetFileName((string)file.Arguments[0]!)}: {ablation.Name}");

    private static bool IsAblation(TestCaseData file) => GoldenFiles.Read((string)file.Arguments[0]!).GetProperty("inputs").TryGetProperty("switches", out _);

    [TestCaseSource(nameof(Iterations))]
    public void Update_OfTheReferencesBatches_GivesTheReferencesNumbers(string path)
    {
        using var scope = NewDisposeScope();
        JsonElement golden = GoldenFiles.Read(path), inputs = golden.GetProperty("inputs");
        TaskShape task = TaskOf(inputs);
        using Mas3ac algorithm = Create(inputs, OptionsOf(inputs), task);
        TransitionTensors batch = Transitions(inputs, task);
        int[] order = [.. Enumerable.Range(0, task.Agents.Count)];

        foreach ((JsonElement expected, int iteration) in golden.GetProperty("outputs").GetProperty("iterations").EnumerateArray().Select((e, i) => (e, i)))
        {
            JsonElement noises = inputs.GetProperty("noises")[iteration];
            Metrics metrics = algorithm.Update(batch, (turn, purpose, agent) => GoldenNetworks.Tensor(Noise(noises[turn], purpose, agent)), iteration, order, steps: 0);
            foreach (JsonElement agent in expected.GetProperty("agents").EnumerateArray())
                AssertAgent(agent, $"iteration {iteration}, ", algorithm, task, metrics);
        }
    }

    [TestCaseSource(nameof(Ablations))]
    public void Objective_UnderASwitch_GivesTheReferencesNumbers(string path, string ablation)
    {
        using var scope = NewDisposeScope();
        JsonElement golden = GoldenFiles.Read(path), inputs = golden.GetProperty("inputs"), expected = golden.GetProperty("outputs").GetProperty(ablation);
        TaskShape task = TaskOf(inputs);
        Mas3acOptions options = OptionsOf(inputs);
        options.MultiplierLearningRates = [.. task.Agents.Select(_ => 1e-3)];
        (options.FinalLearningRateShare, options.PolicyInterval) = (1, 1);
        foreach (JsonProperty hyper in inputs.GetProperty("switches").GetProperty(ablation).EnumerateObject())
            Override(options, hyper);
        JsonElement adaptive = inputs.GetProperty("adaptive");
        bool adapts = ablation == "adaptive_alpha";
        if (adapts)
            (options.AdaptStabilityDecay, options.InterAgentGain, options.GainMargin) = (true, adaptive.GetProperty("delta")[0][1].Number(), adaptive.Number("beta"));
        using Mas3ac algorithm = Create(inputs, options, task);
        Mas3acAgent own = algorithm.Agents[0];
        if (adapts)
        {
            own.Decay.Value = adaptive.Number("rho");
            own.GainMultiplier.Set(adaptive.Number("lambda3"));
        }
        TransitionTensors batch = Transitions(inputs, task);
        JsonElement noise = inputs.GetProperty("noise");
        double[] before = [own.SafetyMultipliers[0].Value, own.StabilityMultiplier.Value];

        // The objective is that of the functions before they are fitted.
        JointActions At(Tensor views, Mas3ac.DrawFor purpose) => new(algorithm.Policies, batch, views, agent => GoldenNetworks.Tensor(Noise(noise, purpose, agent)), i => i == 0);
        JointActions present = At(batch.Records, Mas3ac.DrawFor.Present), next = At(batch.NextViews, Mas3ac.DrawFor.Next), targets = At(batch.NextViews, Mas3ac.DrawFor.Targets);
        var draws = new Mas3acDraws(targets, present, targets, next);
        Mas3acObjective.Term[] terms = [.. algorithm.Objective.Terms(batch, 0, draws).Select(term => term())];
        double temperature = algorithm.Policies.Temperature(0).Value;
        Tensor loss = present.LogProb(0).mean() * temperature;
        foreach (Mas3acObjective.Term term in terms)
        {
            if (term.Present is not null)
                loss = loss + (present.Own(0) * term.Present).sum();
            if (term.Next is not null)
                loss = loss + (next.Own(0) * term.Next).sum();
        }
        loss.backward();
        var metrics = new Metrics();
        foreach (Mas3acObjective.Term term in terms)
            term.MoveMultipliers(1e-3, 1e-3, metrics);
        Dictionary<string, double> named = metrics.ToDictionary(m => m.Key, m => m.Value);

        Numeric.AssertClose(present.LogProb(0).mean().ToDouble() * temperature + terms.Sum(t => t.Value), expected.Number("J_theta"), Tolerance, "objective");
        Numeric.AssertClose(GoldenNetworks.Gradients(algorithm.Policies[0]), GoldenNetworks.SoftNumbers(expected.GetProperty("grad_pi")), Tolerance, "gradient");
        Numeric.AssertClose(named["hinge/safety/agent_0/cost"], expected.Numbers("hs").Average(), Tolerance, "safety hinge");
        Numeric.AssertClose(named["hinge/stability/agent_0"], expected.Numbers("hv").Average(), Tolerance, "stability hinge");
        Numeric.AssertClose((own.SafetyMultipliers[0].Value - before[0]) / 1e-3, Math.Min(expected.Number("grad_lambda1"), (options.MaxMultiplier - before[0]) / 1e-3), 1e-8, "safety multiplier");
        if (options.UseStability)
            Numeric.AssertClose((own.StabilityMultiplier.Value - before[1]) / 1e-3, Math.Min(expected.Number("grad_lambda2"), (options.MaxMultiplier - before[1]) / 1e-3), 1e-8, "stability multiplier");
        if (adapts)
        {
            Numeric.AssertClose(named["hinge/gain/agent_0"], expected.Numbers("gain").Average(), Tolerance, "gain hinge");
            // Adam's first step is the rate against the sign of the gradient.
            double slope = expected.Numbers("grad_rho")[0];
            Numeric.AssertClose(own.Decay.Value, adaptive.Number("rho") - 1e-3 * slope / (Math.Abs(slope) + 1e-8), 1e-12, "decay");
        }
        Mas3acObjective.Lesson lesson = algorithm.Objective.Lessons(batch, 0, draws, temperature).Single(l => l.Name.StartsWith("safety", StringComparison.Ordinal));
        Tensor target = lesson.Target();
        Numeric.AssertClose(target.ToDoubles(), expected.Numbers("yh"), Tolerance, "target of the safety certificate");
        Numeric.AssertClose(lesson.Function.Fits(lesson.Inputs, target, 0)[0](), expected.Number("jh"), Tolerance, "loss of the safety certificate");
    }

    private static void AssertAgent(JsonElement expected, string iteration, Mas3ac algorithm, TaskShape task, Metrics metrics)
    {
        int i = (int)expected.Number("agent");
        string where = $"{iteration}agent {i}: ";
        Mas3acAgent own = algorithm.Agents[i];
        Dictionary<string, double> named = metrics.ToDictionary(m => m.Key, m => m.Value);
        JsonElement critic = expected.GetProperty("critic"), grads = expected.GetProperty("grads"), after = expected.GetProperty("after"), targets = expected.GetProperty("target_after");
        Numeric.AssertClose(named[$"loss/critic/agent_{i}"], critic.Number("jq1") + critic.Number("jq2"), Tolerance, where + "J_Q");
        Numeric.AssertClose(named[$"loss/safety/agent_{i}/cost"], critic.Number("jh"), Tolerance, where + "J_H");
        Numeric.AssertClose(named[$"loss/stability/agent_{i}"], critic.Number("jv"), Tolerance, where + "J_V");
        for (int k = 0; k < 2; k++)
        {
            Numeric.AssertClose(GoldenNetworks.Gradients(own.Reward.Networks[k]), Joint(grads.GetProperty($"q{k + 1}"), i, task), Tolerance, $"{where}gradients of Q{k + 1}");
            Numeric.AssertClose(GoldenNetworks.Values(own.Reward.Networks[k]), Joint(after.GetProperty($"q{k + 1}"), i, task), Tolerance, $"{where}Q{k + 1}");
            Numeric.AssertClose(GoldenNetworks.Values(own.Reward.Targets[k]), Joint(targets.GetProperty($"q{k + 1}"), i, task), Tolerance, $"{where}target of Q{k + 1}");
        }
        Numeric.AssertClose(GoldenNetworks.Values(own.Safety[0].Networks[0]), Joint(after.GetProperty("h"), i, task), Tolerance, where + "H");
        Numeric.AssertClose(GoldenNetworks.Values(own.Safety[0].Targets[0]), Joint(targets.GetProperty("h"), i, task), Tolerance, where + "target of H");
        Numeric.AssertClose(GoldenNetworks.Values(own.Stability!.Networks[0]), Numbers(after.GetProperty("v")), Tolerance, where + "V");
        Numeric.AssertClose(GoldenNetworks.Values(own.Stability.Targets[0]), Numbers(targets.GetProperty("v")), Tolerance, where + "target of V");
        Numeric.AssertClose(GoldenNetworks.Values(algorithm.Policies[i]), GoldenNetworks.SoftNumbers(after.GetProperty("pi")), Tolerance, where + "policy");
        if (!expected.TryGetProperty("actor", out JsonElement actor))
            return;
        Numeric.AssertClose(named[$"loss/policy/agent_{i}"], actor.Number("J"), Tolerance, where + "J");
        Numeric.AssertClose(named[$"temperature/agent_{i}"], actor.Numbers("alpha")[0], Tolerance, where + "alpha");
        Numeric.AssertClose(named[$"hinge/safety/agent_{i}/cost"], actor.Numbers("hs").Average(), Tolerance, where + "safety hinge");
        Numeric.AssertClose(named[$"hinge/stability/agent_{i}"], actor.Numbers("hv").Average(), Tolerance, where + "stability hinge");
        Numeric.AssertClose([own.SafetyMultipliers[0].Value, own.StabilityMultiplier.Value], expected.Numbers("lam_after"), Tolerance, where + "multipliers");
        Numeric.AssertClose(Math.Log(algorithm.Policies.Temperature(i).Value), expected.Numbers("log_alpha_after")[0], Tolerance, where + "log alpha");
        if (!expected.TryGetProperty("actor_grad_norm", out _))
            Numeric.AssertClose(GoldenNetworks.Gradients(algorithm.Policies[i]), GoldenNetworks.SoftNumbers(grads.GetProperty("pi")), Tolerance, where + "gradients of the policy");
    }

    private static JsonElement Noise(JsonElement noise, Mas3ac.DrawFor purpose, int agent) => noise.GetProperty(purpose switch
    {
        Mas3ac.DrawFor.Targets => "critic_next",
        Mas3ac.DrawFor.Present => "actor_cur",
        _ => "actor_next",
    })[agent];

    private static double[] Numbers(JsonElement parameters) => [.. parameters.EnumerateArray().SelectMany(p => p.ValueKind == JsonValueKind.Object ? p.Numbers("data") : p.Numbers())];
}
