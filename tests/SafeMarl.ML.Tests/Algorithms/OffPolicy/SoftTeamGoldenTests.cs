using System.Text.Json;
using SafeMarl.Environments;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Algorithms.OffPolicy;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Algorithms.OffPolicy;

/// <summary>Whole updates of HASAC, and of a soft actor-critic alone, against HARL.</summary>
[Category("Golden")]
public sealed class SoftTeamGoldenTests
{
    private const double Tolerance = 1e-9;

    private static IEnumerable<TestCaseData> Cases() =>
        GoldenFiles.Cases("on-policy-and-certificates", "g_hasac").Concat(GoldenFiles.Cases("on-policy-and-certificates", "g_sac"));

    [TestCaseSource(nameof(Cases))]
    public void Update_OfThePeersBatch_GivesThePeersNumbers(string path)
    {
        using var scope = NewDisposeScope();
        JsonElement golden = GoldenFiles.Read(path), inputs = golden.GetProperty("inputs"), hyper = inputs.GetProperty("hyper"), data = inputs.GetProperty("batch");
        TaskShape task = TaskOf(inputs);
        int[] agents = [.. Enumerable.Range(0, task.Agents.Count)], order = [.. inputs.GetProperty("agent_order").Numbers().Select(a => (int)a)];
        bool auto = hyper.GetProperty("auto_alpha").GetBoolean();
        double temperature = auto ? Math.Exp(hyper.Number("log_alpha_init")) : hyper.Number("alpha_if_fixed");
        var policySettings = new SoftPolicySettings(
            (int)inputs.GetProperty("net").Numbers("hidden")[0], inputs.GetProperty("net").Numbers("hidden").Length, Activation.ReLU, Activation.Tanh, Initialization.Uniform,
            [.. agents.Select(_ => hyper.Number("actor_lr"))], double.PositiveInfinity, temperature, auto, hyper.Number("alpha_lr"), hyper.Numbers("target_entropy").Distinct().Single(), Share: false);
        using var policies = new SoftPolicies(task, policySettings, 1, GoldenNetworks.Double);
        var critic = new ActionValueSettings(
            policySettings.HiddenSize, policySettings.HiddenLayers, Activation.ReLU, Initialization.Uniform, hyper.Number("critic_lr"),
            hyper.GetProperty("use_huber_loss").GetBoolean() ? hyper.Number("huber_delta") : null, hyper.GetProperty("valuenorm").GetBoolean());
        using var team = new SoftTeam(
            "all", agents, policies, (batch, views) => batch.StateIn(views), task.StateSize, batch => batch.Returns(0), task,
            new SoftTeamSettings(hyper.Number("polyak"), 1, critic, temperature, auto, hyper.Number("alpha_lr")), 1, GoldenNetworks.Double);
        Load(inputs, policies, team);
        TransitionTensors transitions = Transitions(task, data);
        var noise = new Queue<JsonElement>(inputs.GetProperty("noise").EnumerateArray());

        foreach ((JsonElement expected, int iteration) in golden.GetProperty("outputs").GetProperty("iterations").EnumerateArray().Select((e, i) => (e, i)))
        {
            var metrics = new Metrics();
            team.Update(transitions, Draw, iteration, order, threads: 2, steps: 0, metrics);
            AssertIteration(expected, iteration, order, policies, team, metrics);
        }

        Tensor Draw(int agent)
        {
            JsonElement next = noise.Dequeue();
            Assert.That(next.GetProperty("name").GetString(), Does.EndWith($"agent{agent}"), "order of draws");
            return GoldenNetworks.Tensor(next.GetProperty("data"));
        }
    }

    private static void AssertIteration(JsonElement expected, int iteration, int[] order, SoftPolicies policies, SoftTeam team, Metrics metrics)
    {
        Dictionary<string, double> named = metrics.ToDictionary(m => m.Key, m => m.Value);
        string where = $"iteration {iteration}: ";
        Numeric.AssertClose(named["loss/critic/all"], expected.Number("critic_loss1") + expected.Number("critic_loss2"), Tolerance, where + "critic losses");
        for (int k = 0; k < 2; k++)
        {
            Numeric.AssertClose(GoldenNetworks.Gradients(team.Critic.Networks[k]), GoldenNetworks.Numbers(expected.GetProperty($"critic{k + 1}_grads")), Tolerance, $"{where}gradients of critic {k}");
            Numeric.AssertClose(GoldenNetworks.Values(team.Critic.Networks[k]), GoldenNetworks.Numbers(expected.GetProperty($"critic{k + 1}_after")), Tolerance, $"{where}critic {k}");
            Numeric.AssertClose(GoldenNetworks.Values(team.Critic.Targets[k]), GoldenNetworks.Numbers(expected.GetProperty($"target_critic{k + 1}_after")), Tolerance, $"{where}target {k}");
        }
        foreach (int agent in order)
        {
            JsonElement actor = expected.GetProperty("actors")[agent];
            Numeric.AssertClose(named[$"loss/policy/agent_{agent}"], actor.Number("actor_loss"), Tolerance, $"{where}loss of policy {agent}");
            Numeric.AssertClose(-named[$"entropy/agent_{agent}"], actor.Numbers("logp").Average(), Tolerance, $"{where}log-probability of {agent}");
            Numeric.AssertClose(GoldenNetworks.Gradients(policies[agent]), GoldenNetworks.SoftNumbers(actor.GetProperty("grads")), Tolerance, $"{where}gradients of policy {agent}");
            Numeric.AssertClose(GoldenNetworks.Values(policies[agent]), GoldenNetworks.SoftNumbers(expected.GetProperty("actors_after")[agent]), Tolerance, $"{where}policy {agent}");
            Numeric.AssertClose(policies.Temperature(agent).Value, expected.GetProperty("alpha_after")[agent].Numbers()[0], Tolerance, $"{where}temperature of {agent}");
        }
        Numeric.AssertClose(team.CriticTemperature.Value, expected.Number("critic_alpha_after"), Tolerance, where + "temperature of the critic");
        if (team.Critic.Normalizer is { } normalizer)
        {
            var restored = new SafeMarl.ML.Returns.ValueNormalizer();
            Restore(restored, expected.GetProperty("valuenorm_after"));
            Numeric.AssertClose([normalizer.Mean, normalizer.Std], [restored.Mean, restored.Std], Tolerance, where + "normaliser");
        }
    }

    private static TaskShape TaskOf(JsonElement inputs)
    {
        JsonElement net = inputs.GetProperty("net");
        int observation = (int)net.Number("obs");
        return new TaskShape(
            [.. net.Numbers("act").Select((size, i) => new AgentShape($"agent_{i}", observation, ActionSpace.Box((int)size, -1, 1), ["cost"], [], []))],
            (int)net.Number("share_obs"), HasState: true, SharedReward: true, SharedCosts: true, HasDeviation: false, HasDisturbance: false);
    }

    private static void Load(JsonElement inputs, SoftPolicies policies, SoftTeam team)
    {
        foreach ((JsonElement actor, int i) in inputs.GetProperty("actors").EnumerateArray().Select((a, i) => (a, i)))
            GoldenNetworks.LoadSoft(policies[i], actor);
        for (int k = 0; k < 2; k++)
        {
            GoldenNetworks.Load(team.Critic.Networks[k], inputs.GetProperty($"critic{k + 1}"));
            GoldenNetworks.Load(team.Critic.Targets[k], inputs.GetProperty($"target_critic{k + 1}"));
        }
        if (team.Critic.Normalizer is { } normalizer)
            Restore(normalizer, inputs.GetProperty("valuenorm_before"));
    }

    private static void Restore(SafeMarl.ML.Returns.ValueNormalizer normalizer, JsonElement state) =>
        normalizer.Restore(state.Numbers("running_mean")[0], state.Numbers("running_mean_sq")[0], state.Number("debiasing_term"));

    private static TransitionTensors Transitions(TaskShape task, JsonElement data)
    {
        var transitions = new GoldenTransitions(task, data.GetProperty("reward").GetArrayLength());
        TransitionLayout layout = transitions.Layout;
        transitions.Set(layout.State, data.GetProperty("share_obs"));
        transitions.SetNext(layout.State, data.GetProperty("next_share_obs"));
        for (int agent = 0; agent < task.Agents.Count; agent++)
        {
            transitions.Set(layout.Observation(agent), data.GetProperty("obs")[agent]);
            transitions.SetNext(layout.Observation(agent), data.GetProperty("next_obs")[agent]);
            transitions.Set(layout.Action(agent), data.GetProperty("actions")[agent]);
        }
        double[] rewards = data.Numbers("reward");
        return transitions.ToTensors(
            data.Numbers("term"), data.Numbers("gamma"), [.. task.Agents.Select(_ => rewards)], [.. data.GetProperty("valid").EnumerateArray().Select(GoldenNetworks.Vector)]);
    }
}
