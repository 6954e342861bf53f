using System.Text.Json;
using SafeMarl.Environments;
using SafeMarl.ML.Algorithms.OffPolicy;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Tests.Support;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Algorithms.OffPolicy;

/// <summary>
/// Reference data of MAS3AC as ours. There, every agent observes the whole state x, its own state s_i is not a part of it, and all critics look at
/// [x, u_0, u_1]. Here x is each agent's observation, the s_i fill the state, and critics look at a neighbourhood: the own action comes first.
/// </summary>
internal static class Mas3acReference
{
    public static TaskShape TaskOf(JsonElement inputs)
    {
        JsonElement dims = inputs.GetProperty("dims");
        int x = (int)dims.Number("x");
        int[] own = [.. dims.Numbers("own").Select(s => (int)s)], act = [.. dims.Numbers("act").Select(a => (int)a)];
        var agents = new AgentShape[act.Length];
        for (int i = 0; i < agents.Length; i++)
        {
            int first = agents.Length * x - i * x + own[..i].Sum(); // of s_i, counted from the agent's observation
            agents[i] = new AgentShape(
                $"agent_{i}", x, ActionSpace.Box(act[i], -1, 1), ["cost"], [.. Enumerable.Range(0, agents.Length).Where(j => j != i)], [.. Enumerable.Range(first, own[i])]);
        }
        return new TaskShape(agents, own.Sum(), HasState: true, SharedReward: false, SharedCosts: false, HasDeviation: true, HasDisturbance: true);
    }

    public static Mas3acOptions OptionsOf(JsonElement inputs)
    {
        JsonElement hyper = inputs.GetProperty("hyper");
        double[] hidden = inputs.GetProperty("dims").Numbers("hidden");
        Assert.That(hidden, Is.All.EqualTo(hidden[0]), "hidden layers of one width");
        return new Mas3acOptions
        {
            Information = CriticInformation.Neighborhood, NeighborhoodSize = 1, ShareDraws = false, HiddenSize = (int)hidden[0], HiddenLayers = hidden.Length, Gamma = hyper.Number("gamma"),
            Tau = hyper.Number("tau"), SafetyDecay = hyper.Number("eps"), StabilityDecay = hyper.Number("alpha_prime"), InitialMultiplier = hyper.Number("lam0"), MaxMultiplier = hyper.Number("lam_max"),
            CriticLearningRate = hyper.Number("eta1"), ActorLearningRates = [.. hyper.Numbers("eta2")], MultiplierLearningRates = [.. hyper.Numbers("eta3")], InitialTemperature = hyper.Number("alpha0"),
            TemperatureLearningRate = hyper.Number("alpha_lr"), PolicyInterval = (int)hyper.Number("n_p"), MaxActorGradientNorm = hyper.NumberOrNull("actor_grad_clip"),
        };
    }

    /// <summary>Applies a hyper-parameter of the reference that an ablation overrides.</summary>
    public static void Override(Mas3acOptions options, JsonProperty hyper)
    {
        switch (hyper.Name)
        {
            case "squared": options.UseSquaredTerm = hyper.Value.GetBoolean(); break;
            case "use_iss": options.UseStability = hyper.Value.GetBoolean(); break;
            case "use_reward": options.UseReward = hyper.Value.GetBoolean(); break;
            case "kappa": options.DisturbanceGain = hyper.Value.Number(); break;
            case "sum_scale": options.HingeSum = hyper.Value.Number() == 1 ? HingeSum.OneStep : HingeSum.Discounted; break;
            case "certificate": options.SafetyCertificate = hyper.Value.GetString() == "reachability" ? SafetyCertificateKind.Reachability : SafetyCertificateKind.Barrier; break;
            default: Assert.Fail($"The reference overrides '{hyper.Name}', which this test does not know."); break;
        }
    }

    public static Mas3ac Create(JsonElement inputs, Mas3acOptions options, TaskShape task)
    {
        var algorithm = new Mas3ac(task, options, (long)inputs.GetProperty("hyper").Number("E"), threads: 2, seed: 1, GoldenNetworks.Double);
        foreach ((JsonElement agent, int i) in inputs.GetProperty("agents").EnumerateArray().Select((a, i) => (a, i)))
        {
            Mas3acAgent own = algorithm.Agents[i];
            GoldenNetworks.LoadSoft(algorithm.Policies[i], agent.GetProperty("pi"));
            JsonElement targets = agent.GetProperty("targets");
            Load(own.Reward.Networks[0], Joint(agent.GetProperty("q1"), i, task));
            Load(own.Reward.Networks[1], Joint(agent.GetProperty("q2"), i, task));
            Load(own.Reward.Targets[0], Joint(targets.GetProperty("q1"), i, task));
            Load(own.Reward.Targets[1], Joint(targets.GetProperty("q2"), i, task));
            Load(own.Safety[0].Networks[0], Joint(agent.GetProperty("h"), i, task));
            Load(own.Safety[0].Targets[0], Joint(targets.GetProperty("h"), i, task));
            Load(own.Stability!.Networks[0], GoldenNetworks.Numbers(agent.GetProperty("v")));
            Load(own.Stability.Targets[0], GoldenNetworks.Numbers(targets.GetProperty("v")));
        }
        return algorithm;
    }

    public static TransitionTensors Transitions(JsonElement inputs, TaskShape task)
    {
        JsonElement data = inputs.GetProperty("batch");
        int rows = data.GetProperty("term").GetArrayLength();
        var transitions = new GoldenTransitions(task, rows);
        TransitionLayout layout = transitions.Layout;
        int offset = layout.State.Start.Value;
        for (int i = 0; i < task.Agents.Count; i++)
        {
            Range own = offset..(offset += task.Agents[i].OwnState.Count);
            transitions.Set(layout.Observation(i), data.GetProperty("x"));
            transitions.SetNext(layout.Observation(i), data.GetProperty("x_next"));
            transitions.Set(own, data.GetProperty("s")[i]);
            transitions.SetNext(own, data.GetProperty("s_next")[i]);
            transitions.Set(layout.Action(i), data.GetProperty("u")[i]);
            transitions.Set(layout.Cost(i, 0), data.GetProperty("b")[i], b => -b);
            transitions.Set(layout.Deviation(i), data.GetProperty("c")[i], c => c);
            transitions.Set(layout.Disturbance(i), [.. data.GetProperty("d").EnumerateArray().Select(d => Math.Sqrt(d.Numbers().Sum(v => v * v)))]);
        }
        double gamma = inputs.GetProperty("hyper").Number("gamma");
        return transitions.ToTensors(data.Numbers("term"), [.. Enumerable.Repeat(gamma, rows)], [.. data.GetProperty("r").EnumerateArray().Select(r => r.Numbers())]);
    }

    /// <summary>A critic's numbers with the columns of its first layer in our order: [x, own action, other actions].</summary>
    public static double[] Joint(JsonElement parameters, int agent, TaskShape task)
    {
        double[] numbers = [.. parameters.EnumerateArray().SelectMany(p => p.ValueKind == JsonValueKind.Object ? p.Numbers("data") : p.Numbers())];
        int x = task.Agents[0].ObservationSize, width = x + task.Agents.Sum(a => a.EncodedActionSize);
        int[] starts = [.. task.Agents.Select((_, i) => x + task.Agents.Take(i).Sum(a => a.EncodedActionSize))];
        int[] order =
        [
            .. Enumerable.Range(0, x), .. Enumerable.Range(starts[agent], task.Agents[agent].EncodedActionSize),
            .. starts.SelectMany((start, i) => i == agent ? [] : Enumerable.Range(start, task.Agents[i].EncodedActionSize)),
        ];
        JsonElement first = parameters[0];
        int rows = first.ValueKind == JsonValueKind.Object ? (int)first.Numbers("shape")[0] : first.GetArrayLength();
        double[] reordered = [.. numbers];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < width; column++)
                reordered[row * width + column] = numbers[row * width + order[column]];
        }
        return reordered;
    }

    private static void Load(DenseModule module, double[] numbers)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        int next = 0;
        foreach ((_, Parameter parameter) in module.named_parameters())
        {
            int count = (int)parameter.numel();
            parameter.copy_(tensor(numbers[next..(next + count)], parameter.shape));
            next += count;
        }
        Assert.That(next, Is.EqualTo(numbers.Length), "number of parameters");
    }
}
